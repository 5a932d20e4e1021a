"""Captions that say they show the same patient, case or lesion as another figure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_WHO = (
    r"(?:patient|case|lesion|person|individual|subject|child|infant|boy|girl|man|woman|tumou?r"
    r"|specimen|biopsy|eruption|plaque|nodule|ulcer|naevus|nevus|melanoma)s?"
)
_LABEL = r"[A-Z]{0,2}\d+(?:[.\-–]\d+)*"
_FIGURE = r"(?:figs?\.?|figures?|images?|plates?|abb\.|abbildung|photos?)"
_SAME = re.compile(
    rf"\bsame (?:\w+ )?{_WHO}\b|\bidentical (?:patient|case|lesion)\b"
    rf"|\b{_WHO} (?:shown |seen |depicted |illustrated |presented )?(?:as )?in (?={_FIGURE})",
    re.IGNORECASE,
)
_REFERENCE = re.compile(rf"\b{_FIGURE} ?(?P<label>{_LABEL})", re.IGNORECASE)
_PREVIOUS = re.compile(
    rf"\b(?:previous|preceding|foregoing|last) {_FIGURE}|\b{_FIGURE} above\b", re.IGNORECASE
)
_REACH = 80  # characters between 'same patient' and the figure it names


@dataclass(frozen=True, slots=True)
class FigureCaption:
    """One figure of a book in reading order: where it stands and what its captions say."""

    figure_id: str
    page: int
    label: str
    texts: tuple[str, ...]
    continued: bool = False


def label_key(label: str) -> str:
    """Return a printed figure number in one spelling: '4-17', '4.17' and '4–17' agree."""
    return re.sub(r"[-–.]", ".", label).strip(".").lower()


def same_case_links(figures: Sequence[FigureCaption]) -> list[tuple[str, str]]:
    """Return pairs of figure ids of one book that show the same case, or one continued figure."""
    by_label: dict[str, list[int]] = {}
    for place, figure in enumerate(figures):
        if figure.label:
            by_label.setdefault(label_key(figure.label), []).append(place)
    links = []
    for place, figure in enumerate(figures):
        targets = _named(place, figure, figures, by_label)
        if figure.continued:
            targets.append(_continued(place, figure, by_label))
        links += [(figures[t].figure_id, figure.figure_id) for t in targets if 0 <= t != place]
    return links


def _named(
    place: int,
    figure: FigureCaption,
    figures: Sequence[FigureCaption],
    by_label: Mapping[str, list[int]],
) -> list[int]:
    targets: list[int] = []
    for text in figure.texts:
        for same in _SAME.finditer(text):
            rest = text[same.start() : same.end() + _REACH]
            labels = [label_key(m["label"]) for m in _REFERENCE.finditer(rest)]
            targets += [_nearest(place, by_label[label]) for label in labels if label in by_label]
            bare = not labels and same.start() == 0
            if place and (bare or _PREVIOUS.search(rest)):
                targets.append(place - 1)
    return targets


def _nearest(place: int, places: Iterable[int]) -> int:
    """Return the closest figure of that number: chapters may each have a figure 1."""
    return min(places, key=lambda p: (abs(p - place), p))


def _continued(place: int, figure: FigureCaption, by_label: Mapping[str, list[int]]) -> int:
    earlier = [p for p in by_label.get(label_key(figure.label), []) if p < place]
    return earlier[-1] if earlier else place - 1

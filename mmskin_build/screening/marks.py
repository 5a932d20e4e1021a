"""Marks drawn on a picture: every component is judged, then the picture by its components."""

from __future__ import annotations

import functools
import importlib.resources
from dataclasses import dataclass

import cv2
import numpy as np

from mmskin_build.screening.boosted_trees import BoostedTrees, from_arrays
from mmskin_build.screening.components import (
    FEATURES,
    MASKS,
    Components,
    find_components,
    shrink,
)
from mmskin_build.screening.watermarks import watermark_pieces

MODEL = "marks_model.npz"
SURE = 0.5
DOUBTFUL = 0.25  # chance from which a component may be a mark
LETTER_SHARE = 0.13  # of the longer side: the most a panel letter is high
CORNER = 0.25  # share of width and height a panel letter keeps within
TOP = 6  # how many of the surest components the picture's judgement looks at
_COLUMN = {name: i for i, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class Marks:
    """How surely the picture is annotated (0 to 1) and with what."""

    score: float
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarksModel:
    """Two steps of trees, and the logit by which the operating point is put at 0.5."""

    component: BoostedTrees
    picture: BoostedTrees
    shift: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What was measured on a picture, publisher's logos left out."""

    components: np.ndarray
    colours: np.ndarray


@functools.lru_cache(maxsize=1)
def marks_model() -> MarksModel:
    """Return the shipped model, loaded once per process."""
    file = importlib.resources.files("mmskin_build.screening").joinpath(MODEL)
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
        return MarksModel(
            from_arrays(stored, "component"), from_arrays(stored, "picture"), float(stored["shift"])
        )


@dataclass(frozen=True, slots=True)
class Look:
    """A picture at the size at which marks are sought, its components and what each may be."""

    picture: np.ndarray
    found: Components
    kept: np.ndarray  # False for the pieces of a publisher's logo
    chances: np.ndarray  # of being drawn, for every component


def look_at(image: np.ndarray) -> Look:
    """Find and judge the components of a BGR picture, once for all that ask about marks."""
    small = shrink(image)
    found = find_components(small)
    chances = marks_model().component.probability(found.features)
    return Look(small, found, ~watermark_pieces(found), chances)


def find_marks(image: np.ndarray) -> Marks:
    """Score one BGR picture."""
    return judge_marks(look_at(image))


def judge_marks(look: Look) -> Marks:
    """Score a picture by its components."""
    model, kept = marks_model(), look.kept
    seen = Seen(look.found.features[kept], colour_features(look.picture))
    chances = look.chances[kept]
    raw = model.picture.probability(picture_features(seen, chances)[None])[0]
    logit = np.log(max(raw, 1e-9) / max(1 - raw, 1e-9)) + model.shift
    score = float(1 / (1 + np.exp(-logit)))
    if score < SURE:
        return Marks(score, ())
    if is_panel_letter(look.found.boxes[kept], chances, look.found.shape):
        return Marks(score, ("letter",))
    return Marks(score, kinds_of(seen, chances))


def is_panel_letter(boxes: np.ndarray, chances: np.ndarray, shape: tuple[int, int]) -> bool:
    """Return whether all that is drawn is one letter or two in a corner, as '(a)' or 'B'."""
    if not (chances > SURE).any():
        return False
    height, width = shape
    x, y, w, h = boxes[chances > DOUBTFUL, :4].T.astype(float)
    x0, y0, x1, y1 = x.min(), y.min(), (x + w).max(), (y + h).max()
    compact = y1 - y0 < LETTER_SHARE * max(shape) and x1 - x0 < 2.2 * (y1 - y0)
    left_or_right = x1 < CORNER * width or x0 > (1 - CORNER) * width
    top_or_bottom = y1 < CORNER * height or y0 > (1 - CORNER) * height
    return bool(compact and left_or_right and top_or_bottom)


def observe(image: np.ndarray) -> tuple[Seen, Components, np.ndarray]:
    """Return what training needs: measures, all components, and which of them are kept."""
    small = shrink(image)
    found = find_components(small)
    kept = ~watermark_pieces(found)
    return Seen(found.features[kept], colour_features(small)), found, kept


def colour_features(picture: np.ndarray) -> np.ndarray:
    """Return how few colours a picture is made of: drawings have few, photographs many."""
    counts = cv2.calcHist([picture], [0, 1, 2], None, [16] * 3, [0, 256] * 3).ravel()
    shares = counts.astype(np.float64) / counts.sum(dtype=np.float64)
    used = np.sort(shares[shares > 0])
    return np.array([used[-1], used[-2:].sum(), -(used * np.log(used)).sum()])


def picture_features(seen: Seen, chances: np.ndarray) -> np.ndarray:
    """Return what the judgement on the whole picture rests on."""
    features = seen.components
    if not len(features):
        features, chances = np.zeros((1, len(FEATURES)), np.float32), np.zeros(1)
    top = np.concatenate([np.sort(chances)[::-1], np.zeros(TOP)])[:TOP]
    top = np.clip(top, 1e-4, 1 - 1e-4)
    mates, length = features[:, _COLUMN["row_mates"]], features[:, _COLUMN["length"]]
    sure = chances > SURE
    best = int(chances.argmax())
    by_mask = [chances[features[:, i] > 0].max(initial=0) for i in range(len(MASKS))]
    counts = [
        sure.sum(),
        (chances > 0.8).sum(),
        chances.sum(),
        sure[mates >= 2].sum(),
        (mates >= 3).sum(),
        np.log1p(len(chances)),
    ]
    rest = [
        features[0, _COLUMN["blank"]],
        features[0, _COLUMN["flat"]],
        features[best, _COLUMN["log_area"]],
        length[best],
        length[sure].max(initial=0),
    ]
    return np.concatenate([np.log(top / (1 - top)), counts, by_mask, rest, seen.colours])


def kinds_of(seen: Seen, chances: np.ndarray) -> tuple[str, ...]:
    """Name the kinds of marks by their shapes; 'mark' when none of the shapes fits."""
    sure = seen.components[chances > SURE]
    column = {name: sure[:, i] for name, i in _COLUMN.items()}
    long, bar = column["elongation"] > 0.8, column["rectangle_fill"] > 0.85
    level = (column["upright"] > 0.97) & (column["log_aspect"] > 1.5)
    hollow = (column["extent"] < 0.35) & (column["rel_height"] > 0.08)
    found = {
        "text": (column["row_mates"] >= 1).sum() >= 2,
        "arrow": bool((long & (column["flare"] > 0.25)).any()),
        "scale_bar": bool((level & bar).any()),
        "box": bool((hollow & (column["rel_width"] > 0.08)).any()),
        "drawing": bool(seen.colours[0] > 0.3 and len(seen.components)),
    }
    kinds = tuple(sorted(name for name, there in found.items() if there))
    return kinds or ("mark",)

"""What is judged on a picture and its caption, and what each finding leads to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Action(StrEnum):
    """What a finding leads to."""

    KEEP = "keep"  # noted in the reason, the pair stays
    DROP = "drop"
    REVIEW = "review"  # held back until a person has decided it on the review page
    MASK = "mask"  # a copy with the marks painted over goes into the release; else dropped
    CROP = "crop"  # a copy with the marked edges cut off goes into the release; else dropped


_EDITABLE = ("on_annotated", "on_panel_letter", "on_burnt_in_text")  # what a copy can mend


@dataclass(frozen=True, slots=True)
class ScreeningSettings:
    """Thresholds and consequences of the filter stage; changing them reads no pixel again."""

    annotated_threshold: float = field(
        default=0.5,
        metadata={"help": "score (0 to 1) from which marks are taken as drawn on the picture"},
    )
    face_threshold: float = field(
        default=0.2, metadata={"help": "score (0 to 1) from which a face counts as recognisable"}
    )
    min_side_px: int = field(
        default=96, metadata={"help": "shorter side (pixels) below which a picture is too small"}
    )
    min_pair_score: float = field(
        default=0.5,
        metadata={"help": "probability (0 to 1) below which picture and caption are not trusted"},
    )
    repeated_pages: int = field(
        default=4,
        metadata={"help": "pages of one book that show the same picture before it is a logo"},
    )
    on_annotated: Action = field(
        default=Action.DROP,
        metadata={"help": "marks drawn on the picture: keep, drop, review, mask or crop"},
    )
    on_panel_letter: Action = field(
        default=Action.MASK,
        metadata={
            "help": "a panel letter in a corner and no other mark: keep, drop, review, mask or crop"
        },
    )
    on_annotated_drawing: Action = field(
        default=Action.KEEP,
        metadata={
            "help": "a chart or diagram labelled 'other', whose letters and arrows are its own: "
            "keep, drop or review"
        },
    )
    on_face: Action = field(
        default=Action.DROP,
        metadata={"help": "a recognisable face or a covered-eyes bar: keep, drop or review"},
    )
    on_sensitive_caption: Action = field(
        default=Action.REVIEW,
        metadata={"help": "a caption that names a genital or anal site: keep, drop or review"},
    )
    on_personal_data: Action = field(
        default=Action.DROP,
        metadata={"help": "a name, hospital number or date of birth: keep, drop or review"},
    )
    on_burnt_in_text: Action = field(
        default=Action.DROP,
        metadata={
            "help": "a name, number or date written into the picture: keep, drop, review or mask"
        },
    )
    on_duplicate: Action = field(
        default=Action.KEEP,
        metadata={
            "help": "further copies of a picture: keep (same split as the first), drop or review"
        },
    )

    def __post_init__(self) -> None:
        """Refuse thresholds that could never or would always apply."""
        for name in ("annotated_threshold", "face_threshold", "min_pair_score"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie between 0 and 1")
        if self.min_side_px < 1:
            raise ValueError("min_side_px must be 1 or more")
        if self.repeated_pages < 2:
            raise ValueError("repeated_pages must be 2 or more")
        for name in (n for n in self.__slots__ if n.startswith("on_")):
            allowed = [Action.KEEP, Action.DROP, Action.REVIEW]
            if name in _EDITABLE:
                allowed += [Action.MASK, Action.CROP]
            if name == "on_burnt_in_text":
                allowed.remove(Action.CROP)
            if getattr(self, name) not in allowed:
                *most, last = (a.value for a in allowed)
                raise ValueError(f"{name} must be {', '.join(most)} or {last}")

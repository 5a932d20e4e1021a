"""What a user may set about questions and answers (config section ``vqa``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

FAMILIES = (
    "diagnosis",
    "lesion",
    "structure",
    "histology",
    "colour",
    "surface",
    "arrangement",
    "distribution",
    "number",
    "border",
    "site",
    "stain",
    "power",
    "absence",
    "describe",
    "modality",
    "group",
    "sex",
    "age_group",
    "skin_type",
)
#: families asked of figures that show no skin, in order of worth
FIGURE_FAMILIES = (
    "legend",
    "marking",
    "side",
    "figure_kind",
    "factor",
    "outcome",
    "compared",
    "subject",
    "skin_modality",
)


class Writer(StrEnum):
    """Who writes the questions."""

    TEMPLATES = "templates"
    REPLIES = "replies"
    BOTH = "both"


class OtherPictures(StrEnum):
    """What is asked of pictures that are neither skin, dermoscopy nor histology."""

    APART = "apart"  # questions of their own, in a table of their own
    NONE = "none"


@dataclass(frozen=True, slots=True)
class VqaSettings:
    """Settings of the ``vqa`` stage."""

    writer: Writer = field(
        default=Writer.TEMPLATES,
        metadata={"help": "templates, replies (of a model, from manifests/vqa-replies) or both"},
    )
    other_pictures: OtherPictures = field(
        default=OtherPictures.APART,
        metadata={
            "help": "charts, drawings and other pictures without skin: apart asks of them too "
            "(modality 'other', table vqa_other of a release), none leaves them out"
        },
    )
    questions_per_image: int = field(
        default=6, metadata={"help": "most questions asked of one picture"}
    )
    fill_up_to: int = field(
        default=4,
        metadata={"help": "questions below which modality and disease group are asked as well"},
    )
    families_off: tuple[str, ...] = field(
        default=(), metadata={"help": "question families to leave out, by name"}
    )
    choice_share: float = field(
        default=0.3, metadata={"help": "share of multiple-choice questions where there is a choice"}
    )
    closed_share: float = field(
        default=0.4, metadata={"help": "share of yes-no questions where there is a choice"}
    )
    min_modality_probability: float = field(
        default=0.6,
        metadata={"help": "probability of the modality below which it is not asked for, 0 to 1"},
    )
    salt: str = field(
        default="mmskin-vqa-1",
        metadata={"help": "text that fixes all choices of wording; change it for another draw"},
    )

    def __post_init__(self) -> None:
        """Reject values that make no sense, by name."""
        if self.questions_per_image < 1:
            raise ValueError("questions_per_image must be at least 1")
        if not 0 <= self.fill_up_to <= self.questions_per_image:
            raise ValueError("fill_up_to must be between 0 and questions_per_image")
        known = FAMILIES + FIGURE_FAMILIES
        unknown = sorted(set(self.families_off) - set(known))
        if unknown:
            raise ValueError(f"families_off: unknown {unknown}; known are {', '.join(known)}")
        if self.other_pictures not in set(OtherPictures):
            raise ValueError(f"other_pictures must be one of {', '.join(OtherPictures)}")
        for name in ("choice_share", "closed_share", "min_modality_probability"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be between 0 and 1")
        if self.choice_share + self.closed_share > 1:
            raise ValueError("choice_share and closed_share must not exceed 1 together")

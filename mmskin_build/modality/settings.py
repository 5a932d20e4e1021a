"""When a modality is accepted without a person."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ModalitySettings:
    """How sure the voters must be, and how many accepted pictures are audited all the same."""

    error_rate: float = field(
        default=0.04,
        metadata={"help": "wanted share (0 to 0.5) of true labels outside the conformal set"},
    )
    min_margin: float = field(
        default=0.85,
        metadata={"help": "least gap (0 to 1) between first and second probability to accept"},
    )
    audit_share: float = field(
        default=0.02,
        metadata={"help": "share (0 to 1) of accepted pictures queued to measure the error rate"},
    )
    caption_weight: float = field(
        default=1.0,
        metadata={"help": "weight of the caption's vote beside the picture's (0 = picture only)"},
    )
    learn_from: int = field(
        default=30,
        metadata={"help": "reviewed pictures from which the voters are readjusted (0 = never)"},
    )

    def __post_init__(self) -> None:
        """Refuse values outside their range."""
        if not 0 <= self.error_rate <= 0.5:
            raise ValueError("error_rate must lie between 0 and 0.5")
        if not 0 <= self.min_margin <= 1:
            raise ValueError("min_margin must lie between 0 and 1")
        if not 0 <= self.audit_share <= 1:
            raise ValueError("audit_share must lie between 0 and 1")
        if self.caption_weight < 0:
            raise ValueError("caption_weight must not be negative")
        if self.learn_from < 0:
            raise ValueError("learn_from must not be negative")

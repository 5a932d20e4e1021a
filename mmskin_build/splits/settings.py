"""How groups are spread over train, validation and test."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Unit(StrEnum):
    """What is never divided between splits."""

    FIGURE = "figure"  # all panels of a figure, of its copies and of the same case
    BOOK = "book"  # everything in one book


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """Settings of the split stage; a change of any of them moves rows that are not locked."""

    train: float = field(default=0.8, metadata={"help": "share (0 to 1) of groups for training"})
    validation: float = field(
        default=0.1, metadata={"help": "share (0 to 1) of groups for validation"}
    )
    test: float = field(default=0.1, metadata={"help": "share (0 to 1) of groups for testing"})
    salt: str = field(
        default="mmskin", metadata={"help": "text mixed into the hash; another salt, other splits"}
    )
    unit: Unit = field(
        default=Unit.FIGURE, metadata={"help": "what is never divided: figure or book"}
    )

    def __post_init__(self) -> None:
        """Refuse shares that do not make a whole."""
        for name in ("train", "validation", "test"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must lie between 0 and 1")
        if abs(self.train + self.validation + self.test - 1) > 1e-6:
            raise ValueError("train, validation and test must add up to 1")
        if self.unit not in set(Unit):
            raise ValueError("unit must be figure or book")

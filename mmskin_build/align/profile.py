"""What a person knows of a book's captions: ``configs/books/<profile>.yaml`` overrides learning."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from mmskin_build.config import load_config
from mmskin_build.sources import PROFILE_FOLDER

SIDES = ("", "below", "above", "left", "right")


@dataclass(frozen=True, slots=True)
class BookProfile:
    """The ``caption`` section of a book profile; every key may be left out."""

    label_words: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Words that start a label besides the known ones, e.g. ['Ansicht']."},
    )
    side: str = field(
        default="",
        metadata={"help": "Where captions stand: below, above, left or right of the figure."},
    )
    unlabelled_font: str = field(
        default="",
        metadata={"help": "Part of the name of the font that captions without label are set in."},
    )
    unlabelled_size_pt: float = field(
        default=0.0,
        metadata={"help": "Type size of captions without label, in points; 0 for any."},
    )

    def __post_init__(self) -> None:
        """Check the values."""
        if self.side not in SIDES:
            raise ValueError(f"side must be one of {', '.join(SIDES[1:])}")
        if self.unlabelled_size_pt < 0:
            raise ValueError("unlabelled_size_pt must not be negative")


def load_profile(name: str, folder: Path = PROFILE_FOLDER) -> BookProfile:
    """Return the profile a source names; the empty profile when it names none.

    Raises:
        ConfigError: the file is missing, has an unknown key or a bad value.
    """
    if not name:
        return BookProfile()
    profile: BookProfile = load_config(folder / f"{name}.yaml", {"caption": BookProfile})["caption"]
    return profile

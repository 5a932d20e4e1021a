"""What a user can tune about pairing figures with captions."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AlignSettings:
    """Settings of the align stage."""

    render_dpi: int = field(
        default=200,
        metadata={"help": "Resolution, in dots per inch, of pictures rendered from the page."},
    )
    write_images: bool = field(
        default=True,
        metadata={"help": "Store the pictures; without them only boxes and captions are found."},
    )
    min_score: float = field(
        default=0.35,
        metadata={"help": "Pairs below this score (0 to 1) are rejected as ambiguous."},
    )
    min_side_pt: float = field(
        default=24.0,
        metadata={"help": "Figures with a side shorter than this, in points, are ignored."},
    )
    max_pixels: int = field(
        default=40_000_000,
        metadata={"help": "A stored or rendered picture with more pixels is scaled down."},
    )
    max_raster_megapixels: float = field(
        default=400.0,
        metadata={
            "help": "Figures with a stored image above this many million pixels are dropped."
        },
    )
    passwords: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Passwords of encrypted files; empty: those of the extract section.",
            "secret": True,
        },
    )

    def __post_init__(self) -> None:
        """Check the values."""
        if not 36 <= self.render_dpi <= 1200:
            raise ValueError("render_dpi must lie between 36 and 1200")
        if not 0 <= self.min_score <= 1:
            raise ValueError("min_score must lie between 0 and 1")
        if self.min_side_pt < 0:
            raise ValueError("min_side_pt must not be negative")
        if self.max_pixels < 10_000:
            raise ValueError("max_pixels must be at least 10000")
        if not self.max_raster_megapixels > 0:
            raise ValueError("max_raster_megapixels must be above 0")

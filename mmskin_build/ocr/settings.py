"""What a user can tune about reading pages that have no usable text layer."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OcrSettings:
    """Settings of the ocr stage."""

    languages: tuple[str, ...] = field(
        default=("eng",),
        metadata={"help": "Tesseract languages of the books, most frequent first."},
    )
    dpi: int = field(
        default=300,
        metadata={"help": "Resolution, in dots per inch, at which pages are drawn for reading."},
    )
    max_megapixels: float = field(
        default=16.0,
        metadata={"help": "Largest page drawn, in million pixels; bigger pages get fewer dpi."},
    )
    max_raster_megapixels: float = field(
        default=400.0,
        metadata={"help": "A page with a stored image above this many million pixels is skipped."},
    )
    page_timeout_s: float = field(
        default=60.0,
        metadata={"help": "Seconds tesseract may take for a page; more where it gets no core."},
    )
    reread_scans: bool = field(
        default=True,
        metadata={"help": "Read scanned pages again even when they carry a hidden text layer."},
    )
    min_word_confidence: float = field(
        default=0.2,
        metadata={"help": "Words recognised with less confidence, 0 to 1, are dropped."},
    )
    passwords: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Passwords tried, in order, on encrypted files; as for extract.",
            "secret": True,
        },
    )

    def __post_init__(self) -> None:
        """Check the values."""
        if not self.languages or not all(self.languages):
            raise ValueError("languages must name at least one tesseract language, such as 'eng'")
        if not 72 <= self.dpi <= 600:
            raise ValueError("dpi must be between 72 and 600")
        for name in ("max_megapixels", "max_raster_megapixels", "page_timeout_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0")
        if not 0 <= self.min_word_confidence < 1:
            raise ValueError("min_word_confidence must be at least 0 and below 1")

"""What a user can tune about reading PDF files."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ExtractSettings:
    """Settings of the extract stage."""

    passwords: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Passwords tried, in order, on encrypted files.",
            "secret": True,
        },
    )
    max_pages: int = field(
        default=20_000,
        metadata={"help": "Pages read from one document; those beyond are left out."},
    )
    max_page_side_pt: float = field(
        default=14_400.0,
        metadata={"help": "A page longer than this on one side, in points, is rejected."},
    )
    max_page_paths: int = field(
        default=200_000,
        metadata={"help": "Vector paths read from one page before the rest is ignored."},
    )

    max_content_mb: float = field(
        default=100.0,
        metadata={"help": "A page whose drawing instructions unpack to more, in MB, is rejected."},
    )

    def __post_init__(self) -> None:
        """Check the values."""
        if self.max_pages < 1:
            raise ValueError("max_pages must be at least 1")
        if self.max_page_side_pt < 72:
            raise ValueError("max_page_side_pt must be at least 72")
        if not self.max_content_mb > 0:
            raise ValueError("max_content_mb must be above 0")
        if self.max_page_paths < 1:
            raise ValueError("max_page_paths must be at least 1")

"""How alike two pictures must be to count as one."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DuplicateSettings:
    """Limits of the search for copies, crops and rescans."""

    hash_radius: int = field(
        default=11, metadata={"help": "differing bits (of 64) up to which hashes propose a copy"}
    )
    least_points: int = field(
        default=2, metadata={"help": "shared key-point buckets that propose a crop"}
    )
    least_inliers: int = field(
        default=4, metadata={"help": "key points that must agree on one shift, turn and scale"}
    )
    correlation: float = field(
        default=0.6,
        metadata={"help": "correlation (0 to 1) of aligned fine structure that proves a copy"},
    )
    agreement: float = field(
        default=0.6,
        metadata={"help": "share (0 to 1) of the overlap that must correlate by itself"},
    )

    def __post_init__(self) -> None:
        """Refuse limits that no pair or every pair would meet."""
        if not 0 <= self.hash_radius <= 15:
            raise ValueError("hash_radius must lie between 0 and 15")
        for name in ("least_points", "least_inliers"):
            if getattr(self, name) < 2:
                raise ValueError(f"{name} must be 2 or more")
        for name in ("correlation", "agreement"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name} must be above 0 and at most 1")

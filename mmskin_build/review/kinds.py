"""The kinds of decisions people make: one queue, one tab and one folder of the ledger each."""

from __future__ import annotations

from dataclasses import dataclass

from mmskin_build.records import Modality

EXCLUDE = "exclude"
KEEP, MASK, CROP, DROP = "keep", "mask", "crop", "drop"
HELD_BACK = "held back until reviewed"  # the end of a verdict's detail


@dataclass(frozen=True, slots=True)
class Kind:
    """What is decided, with which labels, and where the decisions are kept.

    Attributes:
        name: of the queue file (``build/review/<name>.csv``) and on the command line.
        title: of the page's tab.
        labels: what may be decided; the last one takes the picture out and has the key x.
        ledger: folder below ``manifests/`` that holds the decisions.
    """

    name: str
    title: str
    labels: tuple[str, ...]
    ledger: str

    @property
    def file(self) -> str:
        """Name of the queue file."""
        return f"{self.name}.csv"

    @property
    def pattern(self) -> str:
        """Pattern of the ledger's files below ``manifests/``."""
        return f"{self.ledger}/*.csv"


MODALITY = Kind("modality", "Modality", (*(str(m) for m in Modality), EXCLUDE), "reviews")
ANNOTATED = Kind("annotated", "Annotated", (KEEP, MASK, CROP, DROP), "reviews/annotated")
SENSITIVE = Kind("sensitive", "Sensitive", (KEEP, DROP), "reviews/sensitive")
KINDS: dict[str, Kind] = {kind.name: kind for kind in (MODALITY, ANNOTATED, SENSITIVE)}


def kind_of_file(stem: str) -> Kind:
    """Return the kind of a queue by the start of its file name; modality when none fits."""
    return next((k for k in KINDS.values() if stem.casefold().startswith(k.name)), MODALITY)

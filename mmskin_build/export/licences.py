"""The licence gate: what of each source may stand in a release."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mmskin_build.errors import LicenceError
from mmskin_build.export.settings import Audience, Embed, ExportSettings
from mmskin_build.records import Redistribute, Source


@dataclass(frozen=True, slots=True)
class Permit:
    """Whether pictures and words of a source may be embedded."""

    images: bool
    text: bool


def permits_of(sources: Iterable[Source], settings: ExportSettings) -> dict[str, Permit]:
    """Return what may be embedded, by source id.

    Raises:
        LicenceError: a public release that is to embed all, and a source that forbids it.
    """
    books = list(sources)
    if settings.release == Audience.PRIVATE:
        return {s.source_id: Permit(images=True, text=True) for s in books}
    forbidding = [s for s in books if s.redistribute != Redistribute.IMAGES]
    if settings.embed == Embed.ALL and forbidding:
        names = ", ".join(f"{s.source_id} ({s.redistribute})" for s in forbidding[:10])
        raise LicenceError(
            f"{len(forbidding)} source(s) do not allow their images in a public release: {names}. "
            "Enter what their licence allows under 'redistribute' in the manifest, leave them "
            "out, or set export.embed to 'allowed' to publish pointers in their place."
        )
    return {
        s.source_id: Permit(
            images=s.redistribute == Redistribute.IMAGES,
            text=s.redistribute in (Redistribute.IMAGES, Redistribute.TEXT),
        )
        for s in books
    }

"""Write a whole release folder from the tables of a build."""

from __future__ import annotations

from pathlib import Path

from mmskin_build.export.card import write_card, write_citation
from mmskin_build.export.checksums import write_checksums
from mmskin_build.export.coco import write_coco
from mmskin_build.export.croissant import write_croissant
from mmskin_build.export.decisions import write_decisions
from mmskin_build.export.entries import Library, gather
from mmskin_build.export.licences import permits_of
from mmskin_build.export.llava import write_images, write_llava
from mmskin_build.export.lmms_eval import write_lmms_eval
from mmskin_build.export.mmskin_compat import write_compat
from mmskin_build.export.parquet import write_parquet
from mmskin_build.export.pictures import Pictures
from mmskin_build.export.recipe import write_recipe
from mmskin_build.export.settings import ExportSettings
from mmskin_build.export.source_list import write_sources
from mmskin_build.export.vlmeval import write_vlmeval
from mmskin_build.export.webdataset import write_webdataset
from mmskin_build.stage import StageContext


def write_release(ctx: StageContext, settings: ExportSettings) -> Path:
    """Write the release below the context's output folder and return its folder.

    Raises:
        LicenceError: a public release that would embed what a source forbids.
        LeakageError: a group or a picture in two splits.
        StageError: an image that is missing or damaged; names the pair.
    """
    library = gather(ctx, permits_of(ctx.sources, settings))
    root = ctx.output_dir / settings.name
    root.mkdir(parents=True, exist_ok=True)
    pictures = Pictures(ctx.images)
    written = write_parquet(library, pictures, root, settings)
    _other_formats(library, pictures, root, settings)
    if settings.croissant:
        licences = sorted({s.licence for s in library.sources})
        write_croissant(root, written, licences, settings)
    write_card(root, library, written, settings)
    write_citation(root, settings)
    write_sources(root, library.sources)
    write_decisions(root, library.decisions)
    write_recipe(root, ctx.recipe, library.sources)
    write_checksums(root, pictures.sums)
    return root


def _other_formats(
    library: Library, pictures: Pictures, root: Path, settings: ExportSettings
) -> None:
    if settings.llava:
        write_images(library, pictures, root / "llava" / "images")
        write_llava(library, pictures, root / "llava", settings)
    if settings.compat:
        write_compat(library, pictures, root / "mmskin_compat")
    if settings.coco:
        write_coco(library, pictures, root / "coco", settings)
    if settings.lmms_eval:
        write_lmms_eval(root / "lmms_eval", settings)
    if settings.webdataset:
        write_webdataset(library, pictures, root / "webdataset")
    if settings.vlmeval:
        write_vlmeval(library, pictures, root / "vlmeval" / f"{settings.name}.tsv")

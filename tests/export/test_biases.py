"""The card counts whom the pictures show."""

from __future__ import annotations

from pathlib import Path

from mmskin_build.export.biases import distributions
from mmskin_build.export.entries import gather
from mmskin_build.export.licences import permits_of
from mmskin_build.export.settings import ExportSettings
from mmskin_build.memory_context import MemoryContext
from stages.export import STAGE
from tests.export.tiny_build import SOURCES, fill


def test_pairs_are_counted_by_book_sex_age_and_skin_type(tmp_path: Path) -> None:
    context = MemoryContext(tmp_path, SOURCES)
    fill(context)
    library = gather(context, permits_of(context.sources, ExportSettings()))
    found = {d.what: dict(d.counts) for d in distributions(library.entries)}
    assert found["book"] == {"closed": 5, "open": 5, "words": 5}
    assert found["sex"] == {"female": 6, "not stated": 9}
    assert found["age"] == {"18 to 64": 15}
    assert found["Fitzpatrick skin type"] == {"not stated": 15}
    context.run(STAGE, ExportSettings(name="tiny"))
    card = (context.output_dir / "tiny" / "README.md").read_text(encoding="utf-8")
    assert "| sex | female 6 (40 %), not stated 9 (60 %) |" in card


def test_nothing_is_divided_by_an_empty_release() -> None:
    assert all(d.counts == () and d.share(0) == 0.0 for d in distributions([]))

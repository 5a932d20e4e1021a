"""A release as its readers meet it."""

from __future__ import annotations

import csv
import dataclasses
import json
import subprocess
from pathlib import Path

import pytest

from mmskin_build.errors import LeakageError, LicenceError, StageError
from mmskin_build.export.rows import ROW_TYPES
from mmskin_build.export.settings import Audience, Embed, ExportSettings
from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import MaskedImage, ModalityLabel, Pair, SplitRow, Verdict
from stages.export import STAGE
from tests.export.tiny_build import SOURCES, fill, made, picture

FULL = ExportSettings(name="tiny", webdataset=True, vlmeval=True, multi_turn=True)


@pytest.fixture
def context(tmp_path: Path) -> MemoryContext:
    made = MemoryContext(tmp_path, SOURCES)
    fill(made)
    return made


def released(context: MemoryContext, settings: ExportSettings = FULL) -> Path:
    context.run(STAGE, settings)
    return context.output_dir / settings.name


def load(folder: Path, config: str, cache: Path) -> dict[str, object]:
    datasets = pytest.importorskip("datasets")
    return datasets.load_dataset(str(folder), config, cache_dir=str(cache))  # type: ignore[no-any-return]


def test_every_config_loads_and_its_images_open(context: MemoryContext, tmp_path: Path) -> None:
    folder = released(context)
    expected = {"captions": 15, "vqa": 30, "vqa_text": 15, "demographics": 15}
    for config, rows in expected.items():
        splits = load(folder, config, tmp_path / "cache")
        assert list(splits) == ["train", "validation", "test"]
        assert sum(len(s) for s in splits.values()) == rows  # type: ignore[arg-type]
        row = splits["test"][0]  # type: ignore[index]
        assert row["image"].size == (32, 24)
        assert row["split"] == "test" and len(row["bbox"]) == 4
        assert row["license_id"] and row["source_id"] and row["group_id"]


def test_an_empty_build_gives_empty_files(tmp_path: Path) -> None:
    folder = released(MemoryContext(tmp_path / "empty"))
    assert parquet_rows(folder / "vqa") == []
    assert len(list((folder / "vqa").glob("*.parquet"))) == 3
    assert json.loads((folder / "llava" / "train.json").read_text()) == []


def test_a_split_without_rows_does_not_keep_the_others_from_loading(tmp_path: Path) -> None:
    made = MemoryContext(tmp_path, SOURCES)
    fill(made, per_book=2)  # one kept pair per book, all in train
    splits = load(released(made), "vqa", tmp_path / "cache")
    assert {name: len(s) for name, s in splits.items()} == {"train": 6}  # type: ignore[arg-type]


def test_only_kept_pairs_are_released(context: MemoryContext) -> None:
    folder = released(context)
    rows = json.loads((folder / "json" / "captions_train.json").read_text())
    assert rows and not any(row["pair_id"].endswith(":p6:f1") for row in rows)
    assert "| `face` | 3 |" in (folder / "README.md").read_text()


def test_the_card_states_the_error_rate_of_the_audit_sample(context: MemoryContext) -> None:
    assert "was not measured" in (released(context) / "README.md").read_text()
    labels = list(context.rows(ModalityLabel))
    for number, row in enumerate(labels[:4]):  # rows of a later build stand for the earlier ones
        seen = {"decided_by": "reviewer", "audited": True, "excluded": number == 3}
        voted = "dermoscopy" if number == 0 else row.label
        context.add([dataclasses.replace(row, voted_label=voted, **seen)])
    assert "**1 of 3 wrong (33.3 %; 95 % interval" in (released(context) / "README.md").read_text()


def test_caption_only_questions_stay_out_of_the_main_table(context: MemoryContext) -> None:
    folder = released(context)
    main = json.loads((folder / "json" / "vqa_train.json").read_text())
    apart = json.loads((folder / "json" / "vqa_text_train.json").read_text())
    assert {r["visual_dependency"] for r in main} == {"needs_image", "partly"}
    assert {r["visual_dependency"] for r in apart} == {"caption_only"}


def test_questions_on_charts_stay_out_of_every_file_on_skin(context: MemoryContext) -> None:
    labels = [r for r in context.rows(ModalityLabel) if r.pair_id == "open:p1:f1"]
    context.add([dataclasses.replace(row, label="other") for row in labels])
    folder = released(context)
    apart = json.loads((folder / "json" / "vqa_other_train.json").read_text())
    assert [r["qa_id"] for r in apart] == ["open:p1:f1:q1", "open:p1:f1:q2"]
    assert {r["modality"] for r in apart} == {"other"}
    for name in ("json/vqa_train.json", "llava/train.json", "llava/train_multi_turn.json"):
        rows = json.loads((folder / name).read_text())
        assert rows and "open:p1:f1" not in {r["pair_id"] for r in rows}, name
    assert "(2 rows), apart from both" in (folder / "README.md").read_text()


def test_llava_images_exist_and_conversations_alternate(context: MemoryContext) -> None:
    from PIL import Image

    folder = released(context)
    for name in ("train.json", "test.json", "train_multi_turn.json"):
        for item in json.loads((folder / "llava" / name).read_text()):
            with Image.open(folder / "llava" / item["image"]) as image:
                image.load()
            turns = item["conversations"]
            assert [t["from"] for t in turns] == ["human", "gpt"] * (len(turns) // 2)
            assert sum(t["value"].count("<image>") for t in turns) == 1


def test_compat_files_follow_the_published_evaluator(context: MemoryContext) -> None:
    folder = released(context) / "mmskin_compat"
    raw = (folder / "MM-Skin_test.csv").read_bytes()
    assert raw.startswith(b"image,question,answer\n") and b"\r" not in raw
    with (folder / "MM-Skin_test.csv").open(encoding="utf-8", newline="") as file:
        questions = list(csv.DictReader(file))
    with (folder / "caption.csv").open(encoding="utf-8", newline="") as file:
        captions = {r["image"]: r["modality"] for r in csv.DictReader(file)}
    assert len(questions) == 6
    for row in questions:
        assert "<image>" not in row["question"]
        assert captions[row["image"]] == "clinical"
        data = (folder / row["image"]).read_bytes()
        assert data.startswith(b"\x89PNG")
    names = {p.relative_to(folder).as_posix() for p in (folder / "dataset").iterdir()}
    assert names == set(captions)


def test_checksums_hold_and_cover_every_file(context: MemoryContext) -> None:
    folder = released(context)
    done = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder)
    assert done.returncode == 0
    listed = (folder / "SHA256SUMS").read_text().splitlines()
    assert len(listed) == sum(p.is_file() for p in folder.rglob("*")) - 1


def test_same_rows_give_the_same_files(context: MemoryContext, tmp_path: Path) -> None:
    first = (released(context) / "SHA256SUMS").read_text()
    context.output_dir = tmp_path / "again"
    assert (released(context) / "SHA256SUMS").read_text() == first


def test_a_public_release_holds_nothing_that_is_forbidden(context: MemoryContext) -> None:
    settings = dataclasses.replace(FULL, release=Audience.PUBLIC)
    folder = released(context, settings)
    pictures = {
        context.images.read(p.image_digest) for p in context.rows(Pair) if p.source_id != "open"
    }
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix != ".parquet":
            data = path.read_bytes()
            assert b"Secret sentence closed" not in data
            assert data not in pictures
    for kind in ROW_TYPES:
        for row in parquet_rows(folder / kind.config):
            allowed = {"open": (True, True), "words": (False, True), "closed": (False, False)}
            image, text = allowed[row["source_id"]]
            assert (row["image"] is not None) == image
            assert text or "Secret" not in str(row)  # the words of every caption and answer


def parquet_rows(folder: Path) -> list[dict[str, object]]:
    import pyarrow.parquet as pq

    return [r for path in sorted(folder.glob("*.parquet")) for r in pq.read_table(path).to_pylist()]


def test_pointers_carry_the_digests_of_the_private_rows(
    context: MemoryContext, tmp_path: Path
) -> None:
    private = parquet_rows(released(context) / "vqa")
    context.output_dir = tmp_path / "public"
    public = parquet_rows(
        released(context, dataclasses.replace(FULL, release=Audience.PUBLIC)) / "vqa"
    )
    assert [r["row_digest"] for r in private] == [r["row_digest"] for r in public]
    assert [r["bbox"] for r in private] == [r["bbox"] for r in public]


def test_embedding_all_of_a_forbidding_source_is_refused(context: MemoryContext) -> None:
    settings = dataclasses.replace(FULL, release=Audience.PUBLIC, embed=Embed.ALL)
    with pytest.raises(LicenceError, match=r"closed \(none\)"):
        released(context, settings)


def test_a_dangling_image_is_named(context: MemoryContext) -> None:
    pair = next(iter(context.rows(Pair)))
    context.images.path(pair.image_digest).unlink()
    with pytest.raises(StageError, match=pair.pair_id):
        released(context)


def test_a_damaged_image_is_named(context: MemoryContext) -> None:
    pair = next(iter(context.rows(Pair)))
    path = context.images.path(pair.image_digest)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(StageError, match=pair.pair_id):
        released(context)


def test_a_group_in_two_splits_is_refused(context: MemoryContext) -> None:
    rows = list(context.rows(SplitRow))
    moved = dataclasses.replace(rows[0], group_id=rows[1].group_id)
    assert moved.split != rows[1].split
    context.add([moved])
    with pytest.raises(LeakageError, match=rows[1].group_id):
        released(context)


def test_small_shards_are_numbered_and_complete(context: MemoryContext, tmp_path: Path) -> None:
    from mmskin_build.export.entries import gather
    from mmskin_build.export.licences import permits_of
    from mmskin_build.export.pictures import Pictures
    from mmskin_build.export.rows import CaptionRow, rows_of
    from mmskin_build.export.shards import Limits, ShardWriter

    library = gather(context, permits_of(context.sources, FULL))
    writer = ShardWriter(tmp_path, "train", CaptionRow, Limits(2, 3000))
    for entry in library.entries:
        for row in rows_of(CaptionRow, entry, Pictures(context.images).cell(entry)):
            writer.add(row)
    files = [path.name for path in writer.close()]
    assert len(files) > 1
    assert files[0] == f"train-00000-of-{len(files):05d}.parquet"
    assert len(parquet_rows(tmp_path)) == len(library.entries)


def test_an_edited_picture_goes_out_in_place_of_the_original(tmp_path: Path) -> None:
    context = MemoryContext(tmp_path, SOURCES)
    fill(context)
    pair = next(p for p in context.rows(Pair) if p.source_id == "open")
    copy = context.images.put(picture(999), ".jpg")
    ids = {"source_id": "open", "pair_id": pair.pair_id, "masked_digest": copy}
    edit = {"image_digest": pair.image_digest, "method": "mask", "width_px": 32, "height_px": 24}
    context.add([made(Verdict, **ids, keep=True), made(MaskedImage, **ids, **edit)])
    folder = released(context)
    rows = [r for r in parquet_rows(folder / "captions") if r["pair_id"] == pair.pair_id]
    assert [(r["image_digest"], r["image_edit"], r["original_digest"]) for r in rows] == [
        (copy, "mask", pair.image_digest)
    ]
    original = context.images.read(pair.image_digest)
    assert [p.name for p in folder.rglob("*") if p.is_file() and original in p.read_bytes()] == []
    assert "1 painted over" in (folder / "README.md").read_text(encoding="utf-8")

"""Every export opens in the reader its users have, or by that reader's published rules."""

from __future__ import annotations

import base64
import csv
import dataclasses
import importlib.util
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from PIL import Image
from tiny_build import SOURCES, fill

from mmskin_build.evaluate.answer_match import is_right
from mmskin_build.evaluate.text_scores import token_recall
from mmskin_build.export.settings import Audience, ExportSettings
from mmskin_build.memory_context import MemoryContext
from stages.export import STAGE

FULL = ExportSettings(name="tiny", webdataset=True, vlmeval=True, multi_turn=True)
SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("private"), FULL)


def written(folder: Path, settings: ExportSettings) -> Path:
    context = MemoryContext(folder, SOURCES)
    fill(context)
    context.run(STAGE, settings)
    return context.output_dir / settings.name


def rows_of(release: Path, table: str, split: str) -> list[dict[str, Any]]:
    text = (release / "json" / f"{table}_{split}.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


@pytest.mark.parametrize("audience", list(Audience))
def test_croissant_validates_and_gives_every_row(audience: Audience, tmp_path: Path) -> None:
    mlc = pytest.importorskip("mlcroissant")
    folder = written(tmp_path, dataclasses.replace(FULL, release=audience))
    dataset = mlc.Dataset(jsonld=str(folder / "croissant.json"))
    assert not dataset.metadata.issues.errors
    names = [f"{t}-{s}" for t in ("captions", "vqa", "vqa_text", "demographics") for s in SPLITS]
    sets = {r.uuid.partition("-0")[0]: r.uuid for r in dataset.metadata.record_sets}
    assert sorted(sets) == sorted(names)
    for name, uuid in sets.items():
        wanted = rows_of(folder, *name.split("-"))
        found = list(dataset.records(uuid))
        assert [r[f"{uuid}/pair_id"].decode() for r in found] == [r["pair_id"] for r in wanted]
        for record, row in zip(found, wanted, strict=True):
            image = record[f"{uuid}/image"]
            assert (image is None) == (row["image"] is None)
            assert image is None or image.size == (32, 24)


@pytest.mark.parametrize("split", SPLITS)
def test_coco_captions_open_in_pycocotools(release: Path, split: str) -> None:
    coco = pytest.importorskip("pycocotools.coco").COCO(release / f"coco/captions_{split}.json")
    wanted = {r["pair_id"]: r["caption"] for r in rows_of(release, "captions", split)}
    found = {}
    for image in coco.loadImgs(coco.getImgIds()):
        (annotation,) = coco.loadAnns(coco.getAnnIds(imgIds=[image["id"]]))
        found[image["pair_id"]] = annotation["caption"]
        with Image.open(release / "llava" / "images" / image["file_name"]) as picture:
            assert picture.size == (image["width"], image["height"])
        assert image["license"] in {licence["id"] for licence in coco.dataset["licenses"]}
    assert found == wanted and wanted


@pytest.mark.parametrize("split", SPLITS)
def test_webdataset_shards_stream_as_samples(release: Path, split: str) -> None:
    wds = pytest.importorskip("webdataset")
    shard = str(release / "webdataset" / f"{split}-000000.tar")
    samples = wds.WebDataset(shard, shardshuffle=False).decode("pil")
    found = list(samples.to_tuple("png;jpg", "txt", "json"))
    wanted = rows_of(release, "captions", split)
    assert [(about["pair_id"], text) for _, text, about in found] == [
        (r["pair_id"], r["caption"]) for r in wanted
    ]
    assert all(image.size == (32, 24) and len(about["qa"]) == 2 for image, _, about in found)


def test_webdataset_keys_of_different_pairs_differ() -> None:
    from mmskin_build.export.webdataset import key_of

    ids = ("a.b-p1", "a_b-p1", "a__b-p1", "a_2e_b-p1", "ä-p1", "a:b-p1")
    assert len({key_of(i) for i in ids}) == len(ids)
    assert all("." not in key_of(i) and key_of(i).isascii() for i in ids)


@pytest.mark.parametrize("name", [f"{s}{k}.json" for s in SPLITS for k in ("", "_multi_turn")])
def test_llava_files_pass_through_its_training_loader(release: Path, name: str) -> None:
    """The rules of LLaVA's ``LazySupervisedDataset``: an image is opened below the image folder,
    the mark moves to the front of its sentence, and the roles must alternate, human first.
    """
    items = json.loads((release / "llava" / name).read_text(encoding="utf-8"))
    assert items
    for item in items:
        with Image.open(release / "llava" / item["image"]) as image:
            image.convert("RGB")
        texts = []
        for number, turn in enumerate(item["conversations"]):
            assert turn["from"] == ("human", "gpt")[number % 2]
            text = turn["value"]
            if "<image>" in text:
                text = "<image>\n" + text.replace("<image>", "").strip()
            texts.append(text.strip())
        assert len(texts) % 2 == 0 and all(texts)
        assert [t.count("<image>") for t in texts] == [1] + [0] * (len(texts) - 1)
        assert texts == [t["value"].strip() for t in item["conversations"]]


def test_compat_files_serve_the_published_evaluator(release: Path) -> None:
    """Its rules: captions are matched by the exact image text, modality prefixes the metrics,
    pictures lie below one folder, and ``rouge`` fails on an answer without a word.
    """
    rouge = pytest.importorskip("rouge").Rouge()
    folder = release / "mmskin_compat"
    captions = pd.read_csv(folder / "caption.csv")
    with (folder / "MM-Skin_test.csv").open(encoding="utf-8", newline="") as file:
        questions = list(csv.DictReader(file))
    wanted = [(r["question"], r["answer"]) for r in rows_of(release, "vqa", "test")]
    assert [(q["question"], q["answer"]) for q in questions] == wanted
    for row in questions:
        match = captions[captions["image"] == row["image"]]
        assert len(match) == 1 and match["modality"].values[0] == "clinical"
        with Image.open(folder / row["image"]) as image:
            assert image.format == "PNG" and image.convert("RGB").size == (32, 24)
        assert rouge.get_scores(row["answer"], row["answer"])[0]["rouge-l"]["f"] > 0.99


def test_the_tsv_follows_vlmevalkit(release: Path) -> None:
    """The rules of its ``ImageBaseDataset``: text indexes; a short image cell names another row
    that holds the picture itself.
    """
    table = pd.read_csv(release / "vlmeval" / "tiny.tsv", sep="\t")
    assert not table.isna().any().any() and {"index", "image", "question", "answer"} <= set(table)
    index = [str(x) for x in table["index"]]
    assert len(set(index)) == len(index)
    cells = dict(zip(index, (str(x) for x in table["image"]), strict=True))
    for key, cell in list(cells.items()):
        if len(cell) <= 64:
            assert len(cells[cell]) > 64
            cells[key] = cells[cell]
    wanted = rows_of(release, "vqa", "test")
    assert list(zip(table["question"], table["answer"], strict=True)) == [
        (r["question"], r["answer"]) for r in wanted
    ]
    for key, row in zip(index, wanted, strict=True):
        data = base64.b64decode(cells[key])
        assert data == (release / row["image"]).read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == (32, 24)
    assert sum(len(str(x)) <= 64 for x in table["image"]) == len(table) / 2  # two per picture


class Functions(yaml.SafeLoader):
    """Reads ``!function utils.name`` the way lmms-eval does: from the file beside the task."""


@pytest.mark.parametrize(("audience", "books"), [("private", 3), ("public", 1)])
def test_the_lmms_eval_task_runs_on_the_test_split(
    audience: str, books: int, tmp_path: Path
) -> None:
    release = written(tmp_path, dataclasses.replace(FULL, release=Audience(audience)))
    folder = release / "lmms_eval"
    spec = importlib.util.spec_from_file_location("utils", folder / "utils.py")
    assert spec is not None and spec.loader is not None
    utils = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(utils)
    Functions.add_constructor(
        "!function", lambda _, node: getattr(utils, str(node.value).removeprefix("utils."))
    )
    task = yaml.load((folder / "mmskin.yaml").read_text(), Loader=Functions)
    datasets = pytest.importorskip("datasets")
    docs = datasets.load_dataset(
        str(release), task["dataset_name"], split=task["test_split"],
        cache_dir=str(tmp_path / "cache"),
    )  # fmt: skip
    docs = task["process_docs"](docs)
    assert len({doc["source_id"] for doc in docs}) == books
    records: dict[str, list[dict[str, Any]]] = {}
    for doc in docs:
        assert task["doc_to_visual"](doc)[0].size == (32, 24)
        assert task["doc_to_text"](doc, {"post_prompt": "!"}) == doc["question"] + "!"
        for name, record in task["process_results"](doc, [doc[task["doc_to_target"]]]).items():
            records.setdefault(name, []).append(record)
    scores = {m["metric"]: m["aggregation"](records[m["metric"]]) for m in task["metric_list"]}
    assert scores["mmskin_open_recall"] == scores["mmskin_clinical_recall"] == 1.0
    assert scores["mmskin_pathology_recall"] == 0.0  # no such picture


@pytest.mark.parametrize("kind", ["open", "closed", "choice"])
@pytest.mark.parametrize("predicted", ["Yes.", "yes, it is", "No", "", "A plaque.", "Not a plaque"])
@pytest.mark.parametrize("reference", ["Yes, it is.", "A plaque"])
def test_lmms_eval_judges_answers_as_we_do(kind: str, predicted: str, reference: str) -> None:
    from mmskin_build.export import lmms_eval_task

    assert lmms_eval_task.is_right(kind, predicted, reference) == is_right(
        kind, predicted, reference
    )
    ours = lmms_eval_task.token_recall(predicted, reference)
    assert ours == token_recall(predicted, reference)

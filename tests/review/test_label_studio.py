from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from review_library import Library

from mmskin_build.errors import ReviewError
from mmskin_build.review.apply import Applied, Request, apply_table
from mmskin_build.review.decisions import by_pair, read_ledger
from mmskin_build.review.kinds import MODALITY
from mmskin_build.review.label_studio import export_tasks, labelling_interface, read_annotations

Task = dict[str, Any]


class Studio:
    """Tasks as exported by us, annotated by people, and applied to a ledger."""

    def __init__(self, folder: Path) -> None:
        self.library = Library(folder)
        self.library.queue()
        self.manifests = folder / "manifests"
        self.file = folder / "tasks.json"
        export_tasks(self.library.build, MODALITY, self.file)
        self.tasks: list[Task] = json.loads(self.file.read_text(encoding="utf-8"))
        for number, task in enumerate(self.tasks, start=101):
            task |= {"id": number, "annotations": []}

    def annotate(self, place: int, label: str, who: Any = 1, **more: Any) -> None:
        choice = {"from_name": "label", "to_name": "image", "value": {"choices": [label]}}
        annotation = {"completed_by": who, "result": [choice], **more}
        self.tasks[place]["annotations"].append(annotation)

    def apply(self, **names: str) -> Applied:
        self.file.write_text(json.dumps(self.tasks), encoding="utf-8")
        kind, table = read_annotations(self.file, names)
        request = Request(self.file, self.manifests, "", "2026-02-01", kind, unit="task")
        return apply_table(request, table, self.library.digests)

    def ledger(self) -> dict[str, list[tuple[str, str]]]:
        found = by_pair(read_ledger(self.manifests.glob(MODALITY.pattern)))
        return {k: [(d.reviewer, d.label) for d in v.decisions] for k, v in found.items()}


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def test_a_task_names_its_picture_below_the_build_folder_and_holds_our_votes(
    studio: Studio,
) -> None:
    task = studio.tasks[0]
    prefix = "/data/local-files/?d="
    assert task["data"]["image"].startswith(prefix)
    assert (studio.library.build / task["data"]["image"].removeprefix(prefix)).is_file()
    said = [(p["score"], p["result"][0]["value"]["choices"]) for p in task["predictions"]]
    assert said == [(0.6, ["clinical"]), (0.4, ["dermoscopy"])]


def test_the_interface_offers_the_labels_under_the_names_the_predictions_use(
    studio: Studio,
) -> None:
    text = labelling_interface(MODALITY)
    result = studio.tasks[0]["predictions"][0]["result"][0]
    assert f'name="{result["from_name"]}" toName="{result["to_name"]}"' in text
    assert [text.count(f'"{label}"') for label in MODALITY.labels] == [1] * 5


def test_decided_rows_are_no_tasks(studio: Studio) -> None:
    path = studio.library.build / "review" / "modality.csv"
    text = path.read_text(encoding="utf-8-sig").replace("low margin,,", "low margin,other,Ada", 1)
    path.write_text(text, encoding="utf-8-sig")
    assert export_tasks(studio.library.build, MODALITY, studio.file)[2] == 2


def test_annotations_come_back_as_decisions_with_the_names_given(studio: Studio) -> None:
    studio.annotate(0, "pathology", who=7)
    studio.annotate(1, "exclude", who={"id": 8, "email": "grace@example.org"})
    result = studio.apply(**{"7": "Ada"})
    assert (result.added, result.disagreements) == (2, ())
    assert studio.ledger() == {
        "p0": [("Ada", "pathology")],
        "p1": [("grace@example.org", "exclude")],
    }
    assert studio.apply(**{"7": "Ada"}).added == 0


def test_annotators_who_differ_are_listed_not_overwritten(studio: Studio) -> None:
    studio.annotate(0, "pathology", who=7)
    studio.annotate(0, "clinical", who=8)
    assert studio.apply().disagreements == ("p0",)
    assert studio.ledger() == {"p0": [("7", "pathology"), ("8", "clinical")]}


def test_skipped_tasks_are_undecided(studio: Studio) -> None:
    studio.annotate(0, "pathology", was_cancelled=True)
    assert studio.apply().added == 0


def test_the_short_export_is_read_too(studio: Studio) -> None:
    short = [{**t["data"], "id": t["id"], "label": "other", "annotator": 3} for t in studio.tasks]
    studio.tasks = short
    assert studio.apply().added == 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t["data"].pop("pair_id"), "task 101: pair_id missing"),
        (lambda t: t["data"].update(queue="x"), "task 101: queue 'x' is not one of"),
        (lambda t: t["data"].update(pair_id="p9"), "task 101: pair 'p9' is not in the build"),
        (lambda t: t["data"].update(image_digest="f" * 64), "task 101: the picture of 'p0' has"),
    ],
)
def test_faults_name_file_and_task(studio: Studio, change: Any, told: str) -> None:
    studio.annotate(0, "other")
    change(studio.tasks[0])
    with pytest.raises(ReviewError, match=told) as caught:
        studio.apply()
    assert str(studio.file) in str(caught.value)
    assert not studio.manifests.exists()


def test_a_label_of_another_project_is_refused(studio: Studio) -> None:
    studio.annotate(0, "cat")
    with pytest.raises(ReviewError, match="task 101: label 'cat' is not one of clinical"):
        studio.apply()


@pytest.mark.parametrize("text", ["", "{}", '[1, "a"]', "not json"])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReviewError, match=r"x\.json"):
        read_annotations(path, {})

"""Queues as Label Studio tasks, and its annotations back as labels.

Pictures are named by ``/data/local-files/?d=…`` addresses, relative to the build folder
(``LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT``); our own suggestion stands in each task as a
prediction. Format: https://labelstud.io/guide/tasks and https://labelstud.io/guide/export
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from mmskin_build.errors import ReviewError
from mmskin_build.images import ImageStore
from mmskin_build.review.kinds import KEEP, KINDS, Kind
from mmskin_build.review.queue_store import Filter, QueueStore
from mmskin_build.review.spreadsheet import Table, TableRow, write_atomically
from mmskin_build.review.thumbnails import is_digest

MODEL = "mmskin-build"
CONTROL, PICTURE = "label", "image"  # names of the two tags of the labelling interface
_SHOWN = ("source", "page", "figure", "votes", "reason_for_review")


def export_tasks(build_dir: Path, kind: Kind, target: Path) -> tuple[Path, Path, int]:
    """Write the undecided rows of a queue as tasks, and the labelling interface beside them.

    Returns the two files and the number of tasks.
    """
    rows = [row for row in QueueStore(build_dir, kind).select(Filter()) if not row["label"]]
    store = ImageStore(build_dir / "images")
    tasks = [task for row in rows if (task := _task(build_dir, store, kind, row))]
    text = json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"
    write_atomically(target, text.encode("utf-8", "replace"))
    interface = target.with_suffix(".xml")
    write_atomically(interface, labelling_interface(kind).encode("utf-8"))
    return target, interface, len(tasks)


def _task(
    build_dir: Path, store: ImageStore, kind: Kind, row: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return one task; None for a row whose picture is not in the build."""
    try:
        path = store.path(row["image_digest"]) if is_digest(row["image_digest"]) else None
    except FileNotFoundError:
        path = None
    if path is None:
        return None
    data = {
        PICTURE: f"/data/local-files/?d={quote(path.relative_to(build_dir).as_posix())}",
        "caption": row["caption_start"],
        "pair_id": row["pair_id"],
        "image_digest": row["image_digest"],
        "queue": kind.name,
        **{name: row[name] for name in _SHOWN},
    }
    return {"data": data, "predictions": _predictions(row)}


def _predictions(row: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return our suggestion and, where there is one, the runner-up."""
    found = []
    for name, score in (("suggested", "score"), ("second", "second_score")):
        if row[name] and row[score]:
            choice = {
                "from_name": CONTROL,
                "to_name": PICTURE,
                "type": "choices",
                "value": {"choices": [row[name]]},
            }
            version = MODEL if name == "suggested" else f"{MODEL}-second"
            # The score of a mark or a face speaks against keeping the picture.
            sure = 1 - float(row[score]) if row[name] == KEEP else float(row[score])
            found.append({"model_version": version, "score": round(sure, 4), "result": [choice]})
    return found


def labelling_interface(kind: Kind) -> str:
    """Return the labelling interface to paste into the project's settings."""
    choices = "\n".join(
        f'    <Choice value={quoteattr(label)} hotkey="{key}"/>'
        for label, key in zip(kind.labels, [*"1234"[: len(kind.labels) - 1], "x"], strict=True)
    )
    return (
        "<View>\n"
        f'  <Image name="{PICTURE}" value="$image" zoom="true"/>\n'
        '  <Text name="caption" value="$caption"/>\n'
        '  <Text name="votes" value="$votes"/>\n'
        f'  <Choices name="{CONTROL}" toName="{PICTURE}" choice="single" required="true">\n'
        f"{choices}\n"
        "  </Choices>\n"
        '  <TextArea name="note" toName="image" rows="2" maxSubmissions="1"/>\n'
        "</View>\n"
    )


def read_annotations(path: Path, reviewers: Mapping[str, str]) -> tuple[Kind, Table]:
    """Return the queue the tasks are from, and one row per annotation of a JSON or JSON-MIN export.

    ``reviewers`` gives names to annotators (their number or e-mail); others keep their own.
    Cancelled (skipped) annotations count as undecided.

    Raises:
        ReviewError: not such a file, or a task that lacks its pair, label or queue; names it.
    """
    tasks = _tasks(path)
    rows: list[TableRow] = []
    faults: list[str] = []
    kinds: set[str] = set()
    for place, task in enumerate(tasks, start=1):
        number = task["id"] if isinstance(task.get("id"), int) else place
        data = task.get("data", task)
        fault = _task_fault(data)
        if fault:
            faults.append(f"task {number}: {fault}")
            continue
        kinds.add(data["queue"])
        for label, who, note in _annotations(task):
            cells = {"label": label, "reviewer": reviewers.get(who, who), "note": note}
            cells |= {name: str(data[name]) for name in ("pair_id", "image_digest")}
            rows.append(TableRow(number, cells))
    if len(kinds) > 1:
        faults.append(f"tasks of several queues ({', '.join(sorted(kinds))}); import each alone")
    if faults:
        raise ReviewError("\n".join([f"{path}: nothing was imported, please mend:", *faults[:25]]))
    kind = KINDS[next(iter(kinds), "modality")]
    return kind, Table(("pair_id", "image_digest", "label", "reviewer", "note"), tuple(rows))


def _tasks(path: Path) -> list[dict[str, Any]]:
    try:
        tasks = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as fault:
        raise ReviewError(f"{path}: cannot be read ({fault.strerror})") from fault
    except ValueError as fault:
        raise ReviewError(f"{path}: is no JSON ({fault}); export as JSON or JSON-MIN") from fault
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise ReviewError(f"{path}: is no list of tasks; export as JSON or JSON-MIN")
    return tasks


def _task_fault(data: Any) -> str:
    if not isinstance(data, dict):
        return "its data is no object"
    missing = [name for name in ("pair_id", "image_digest", "queue") if not data.get(name)]
    if missing:
        return f"{', '.join(missing)} missing; import tasks made by review-export"
    if data["queue"] not in KINDS:
        return f"queue {data['queue']!r} is not one of {', '.join(KINDS)}"
    return ""


def _annotations(task: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield label, annotator and note of each annotation of a task; label '' when undecided."""
    if "data" not in task:  # JSON-MIN: one annotation, its values beside the data
        yield _first(task.get(CONTROL)), _name(task.get("annotator")), _first(task.get("note"))
        return
    for annotation in task.get("annotations") or []:
        if isinstance(annotation, dict) and not annotation.get("was_cancelled"):
            label, note = _values(annotation.get("result") or [])
            yield label, _name(annotation.get("completed_by")), note


def _values(result: Iterable[Any]) -> tuple[str, str]:
    """Return label and note of an annotation's result."""
    label = note = ""
    for part in result:
        value = part.get("value", {}) if isinstance(part, dict) else {}
        if "choices" in value and part.get("from_name") == CONTROL:
            label = _first(value["choices"])
        if "text" in value and part.get("from_name") == "note":
            note = _first(value["text"])
    return label, note


def _first(value: Any) -> str:
    """Return a choice or text as exports write it: alone, in a list, in an object."""
    if isinstance(value, dict):
        return _first(value.get("choices") or value.get("text"))
    if isinstance(value, list):
        return ", ".join(_first(v) for v in value)
    return "" if value is None else str(value)


def _name(annotator: Any) -> str:
    """Return who annotated: an e-mail where the export gives one, else the number."""
    if isinstance(annotator, dict):
        return str(annotator.get("email") or annotator.get("id") or "")
    return "" if annotator is None else str(annotator)

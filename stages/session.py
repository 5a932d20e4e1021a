"""From what the user asked to a plan: sources, settings, stages; and what follows a build."""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmskin_build.config import RunnerSettings, load_config
from mmskin_build.errors import ConfigError
from mmskin_build.records import Source

MANIFESTS = Path("manifests")
CHECKSUMS = "checksums.json"  # below the build folder
DEFAULT_CONFIG = Path("configs/default.yaml")
TELL_EVERY_S = 10.0
UNKNOWN_LICENCE = Source("", "", "").licence


@dataclass(frozen=True, slots=True)
class Request:
    """The options of ``build`` as given."""

    config: Path | None
    sources: Path | None
    pdfs: Path | None
    build_dir: Path
    first: str = ""
    last: str = ""
    workers: int = 0
    manifests: Path = MANIFESTS


class FilesRead:
    """Says now and then how far the checksums of many or large books are."""

    def __init__(self) -> None:
        """Be silent for the first seconds."""
        self._count, self._last = 0, time.monotonic()

    def __call__(self, file: Path) -> None:
        """Hear of a file that is read."""
        self._count += 1
        if time.monotonic() - self._last > TELL_EVERY_S:
            self._last = time.monotonic()
            sys.stderr.write(f"checksums: file {self._count}, {file.name!r}\n")


def build_sources(request: Request) -> tuple[Source, ...]:
    """Return the books, checked against their checksums, in the order of their ids."""
    from mmskin_build.sources import ChecksumCache, discover, read_manifest, verify

    if request.pdfs and request.sources:
        raise ConfigError("--pdfs and --sources exclude each other; give one of them")
    checksums = ChecksumCache(request.build_dir / CHECKSUMS, FilesRead())
    if request.pdfs:
        found = discover(request.pdfs, checksums)
    else:
        found = read_manifest(request.sources or request.manifests / "sources.csv")
    found = verify(found, checksums)
    checksums.save()
    return tuple(sorted(found, key=lambda s: s.source_id))


def settings_of(config: Path | None) -> dict[str, Any]:
    """Return the settings of every section from a config file (or the defaults)."""
    from stages.sections import SECTIONS

    if config is None and DEFAULT_CONFIG.is_file():
        config = DEFAULT_CONFIG
    return share_passwords(load_config(config, SECTIONS))


def share_passwords(settings: dict[str, Any]) -> dict[str, Any]:
    """Every stage that opens documents tries the passwords of the extract section."""
    known = settings["extract"].passwords
    for name in ("ocr", "align"):
        if not settings[name].passwords:
            settings[name] = dataclasses.replace(settings[name], passwords=known)
    return settings


def make_plan(request: Request) -> Any:
    """Return the plan of a build (a ``mmskin_build.runner.plan.Plan``)."""
    from mmskin_build.runner.layout import Layout
    from mmskin_build.runner.plan import Plan
    from mmskin_build.sources import ChecksumCache
    from stages import PIPELINE

    settings = settings_of(request.config)
    runner: RunnerSettings = settings["runner"]
    first = _index(request.first, "--from") if request.first else 0
    last = _index(request.last, "--until") if request.last else len(PIPELINE) - 1
    if request.manifests != MANIFESTS and not request.manifests.is_dir():
        raise ConfigError(f"--manifests {request.manifests}: no such folder")
    if last < first:
        raise ConfigError(f"--until {request.last} comes before --from {request.first}")
    if PIPELINE[last].name == "export":
        _keep_other_release(request.build_dir, settings["export"])
    sources = build_sources(request)
    checksums = ChecksumCache(request.build_dir / CHECKSUMS)
    return Plan(
        stages=PIPELINE,
        settings=settings,
        sources=sources,
        layout=Layout(request.build_dir),
        manifests=request.manifests,
        runner=runner,
        workers=worker_count(request.workers, runner),
        first=first,
        last=last,
        is_unchanged=checksums.is_unchanged,
    )


def _keep_other_release(build_dir: Path, settings: Any) -> None:
    """Refuse to write a public release over a private one of the same name, and the other way."""
    from mmskin_build.export.recipe import FILE_NAME, read_recipe

    folder = build_dir / "release" / settings.name
    if not (folder / FILE_NAME).is_file():
        return
    known = read_recipe(folder / FILE_NAME).settings.get("export", {}).get("release")
    if known not in (None, settings.release.value):
        raise ConfigError(
            f"{folder} holds a {known} release and export.release is now "
            f"{settings.release.value}: give this one a name of its own (export.name), or move "
            "that folder away"
        )


def worker_count(asked: int, runner: RunnerSettings) -> int:
    """Return how many worker processes to use: as asked, as set, or one per core we may use."""
    if asked < 0:
        raise ConfigError("--workers must be 0 (one per core) or more")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return asked or runner.workers or cores or 1


def _index(name: str, option: str) -> int:
    from stages import PIPELINE

    names = [s.name for s in PIPELINE]
    if name not in names:
        raise ConfigError(f"{option} {name!r}: no such stage; the stages are {', '.join(names)}")
    return names.index(name)


def finish(plan: Any) -> list[str]:
    """Write what follows from the tables of a build, and return lines for the user.

    The review queues are views of the tables of label and filter: written after them, never read
    by a stage.
    """
    notes = [*_damage(plan), *_languages(plan)]
    ran = [s.name for s in plan.stages[: plan.last + 1]]
    if "label" in ran:
        notes.append(_write_queue(plan))
    if "filter" in ran:
        notes += _write_findings(plan)
    if "export" in ran:
        name = plan.settings["export"].name
        notes += _unlisted(plan) + written_by_models(plan)
        notes.append(f"release: {plan.layout.root / 'release' / name}")
    return notes


def _unlisted(plan: Any) -> list[str]:
    """Tell of books without a licence in a public release: their file names are published."""
    from mmskin_build.export.settings import Audience

    unknown = [s for s in plan.sources if s.licence == UNKNOWN_LICENCE]
    if plan.settings["export"].release != Audience.PUBLIC or not unknown:
        return []
    return [
        f"note: the public release names {len(unknown)} book(s) of unknown licence by their "
        f"source_id ({unknown[0].source_id!r} is one), which without a manifest is the file name; "
        "list them in manifests/sources.csv to choose other ids and to state the licence"
    ]


def written_by_models(plan: Any) -> list[str]:
    """Tell of questions in a public release that nobody can make again from the books."""
    from mmskin_build.export.settings import Audience
    from mmskin_build.records import Qa, Redistribute
    from mmskin_build.tables import read_rows
    from mmskin_build.vqa.compose import GENERATOR

    if plan.settings["export"].release != Audience.PUBLIC:
        return []
    closed = {s.source_id for s in plan.sources if s.redistribute == Redistribute.NONE}
    rows = read_rows(plan.layout.tables / f"{Qa.table}.parquet", Qa)
    lost = sum(r.generator != GENERATOR and r.source_id in closed for r in rows)
    if not lost:
        return []
    return [
        f"note: {lost} questions on books whose words may not be published were written by a "
        "language model; of these the release holds pointers only, and `rebuild` cannot make them "
        "again; vqa.writer: templates leaves them out"
    ]


def _damage(plan: Any) -> list[str]:
    """Name the files that are damaged or lost pages, though they did not fail."""
    from mmskin_build.records import Reject
    from mmskin_build.reject_reasons import RejectReason
    from mmskin_build.tables import read_rows

    notes: list[str] = []
    lost: dict[str, list[Reject]] = {}
    for row in read_rows(plan.layout.rejects / "extract.parquet", Reject):
        if row.reason == RejectReason.REPAIRED:
            hint = "copy it again if pages are missing"
            notes.append(f"note: {row.source_id} is damaged: {row.detail}; {hint}")
        elif row.reason == RejectReason.TOO_MANY_PAGES:
            notes.append(f"note: {row.source_id}: {row.detail}")
        elif row.record_id != row.source_id:
            lost.setdefault(row.source_id, []).append(row)
    for name, rows in lost.items():
        place = rows[0].record_id.rpartition(":")[2]
        first = f"{place}: {rows[0].reason}: {rows[0].detail}"
        notes.append(f"note: {name}: {len(rows)} pages not or only partly read (first {first})")
    return notes


def _languages(plan: Any) -> list[str]:
    """Name the scanned books that tesseract was told to read in another language."""
    from mmskin_build.records import Reject
    from mmskin_build.reject_reasons import RejectReason
    from mmskin_build.tables import read_rows

    table = plan.layout.rejects / "ocr.parquet"
    told = {
        row.source_id: row.detail
        for row in (read_rows(table, Reject) if table.exists() else ())
        if row.reason == RejectReason.OTHER_LANGUAGE
    }
    return [f"note: {name} {detail}" for name, detail in told.items()]


def _write_queue(plan: Any) -> str:
    from mmskin_build.records import ModalityLabel, ModalityVote, Pair
    from mmskin_build.review.queue_csv import write_queue
    from mmskin_build.tables import read_rows

    tables = plan.layout.tables
    pairs = read_rows(tables / f"{Pair.table}.parquet", Pair)
    votes = read_rows(tables / f"{ModalityVote.table}.parquet", ModalityVote)
    labels = list(read_rows(tables / f"{ModalityLabel.table}.parquet", ModalityLabel))
    path = write_queue(plan.layout.root, pairs, votes, labels, plan.sources)
    waiting = sum(label.needs_review for label in labels)
    return f"review: {waiting} of {len(labels)} pictures wait for a person in {path}"


def _write_findings(plan: Any) -> list[str]:
    """Write the queues of marks and sensitive pictures; name those that hold pictures back."""
    from mmskin_build.records import ImageCheck, Pair, Verdict
    from mmskin_build.review.findings_queue import Findings, write_findings_queue
    from mmskin_build.review.kinds import ANNOTATED, SENSITIVE
    from mmskin_build.tables import read_rows

    tables, settings = plan.layout.tables, plan.settings["filter"]
    findings = Findings(
        tuple(read_rows(tables / f"{Pair.table}.parquet", Pair)),
        {r.pair_id: r for r in read_rows(tables / f"{ImageCheck.table}.parquet", ImageCheck)},
        {r.pair_id: r for r in read_rows(tables / f"{Verdict.table}.parquet", Verdict)},
        settings.annotated_threshold,
        settings.face_threshold,
    )
    lines = []
    for kind in (ANNOTATED, SENSITIVE):
        path, held = write_findings_queue(
            plan.layout.root, kind, findings, plan.sources, plan.manifests
        )
        if held:
            lines.append(
                f"review: {held} {kind.name} pictures are held back for a person in {path}"
            )
    return lines

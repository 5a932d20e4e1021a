"""A folder of toy books, builds of it on any engine, and what they leave behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from toy_stages import TOYS, ToySettings

from mmskin_build.config import RunnerSettings
from mmskin_build.records import Reject, Verdict
from mmskin_build.runner.build import Build, BuildResult
from mmskin_build.runner.dask_pool import DaskPool
from mmskin_build.runner.exchange import Exchange
from mmskin_build.runner.layout import Layout
from mmskin_build.runner.plan import Plan
from mmskin_build.runner.pool import Pool
from mmskin_build.sources import ChecksumCache, discover
from mmskin_build.tables import read_rows

LINES = ["one", "picture", *(f"line {i}" for i in range(20)), "picture"]
COSTS = ("seconds", "cpu_seconds", "peak_rss_mb", "seal")


class Quiet:
    def __init__(self) -> None:
        self.messages: list[str] = []
        self.pages: list[tuple[str, int]] = []
        self.reasons: dict[tuple[str, str], str] = {}

    def begin(self, stage: str, units: int) -> None: ...
    def lose(self, stage: str, key: str) -> None: ...
    def page(self, stage: str, key: str, page: int) -> None:
        self.pages.append((stage, page))

    def advance(self, stage: str, key: str, *, fresh: bool) -> None: ...
    def close(self) -> None: ...

    def reason(self, stage: str, key: str, why: str) -> None:
        self.reasons[stage, key] = why

    def message(self, text: str) -> None:
        self.messages.append(text)


class Toy:
    """A folder of toy books (text files called .pdf) and runs over it."""

    def __init__(self, folder: Path) -> None:
        self.books = folder / "books"
        self.books.mkdir()
        self.root = folder / "build"
        self.progress = Quiet()
        self.stages = TOYS

    def book(self, name: str, *lines: str) -> None:
        (self.books / f"{name}.pdf").write_text("\n".join(lines), encoding="utf-8")

    def say(self, words: str) -> None:
        file = self.root / "manifests/words/all.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(words, encoding="utf-8")

    def build(
        self,
        workers: int = 2,
        first: int = 0,
        last: int = 2,
        page_timeout_s: float = 120.0,
        range_pages: int = 100,
        worker_memory_mb: int = 4096,
        progress: Quiet | None = None,
        client: Any = None,
        store: str = "",
        pool: Pool | None = None,
        **settings: float,
    ) -> BuildResult:
        checksums = ChecksumCache(self.root / "sums.json")
        sources = discover(self.books, checksums)
        checksums.save()
        self.progress = progress or Quiet()
        plan = Plan(
            stages=self.stages,
            settings={"read": ToySettings(**settings)},  # type: ignore[arg-type]
            sources=tuple(sorted(sources, key=lambda s: s.source_id)),
            layout=Layout(self.root),
            manifests=self.root / "manifests",
            runner=RunnerSettings(
                page_timeout_s=page_timeout_s,
                worker_memory_mb=worker_memory_mb,
                range_pages=range_pages,
            ),
            workers=workers,
            first=first,
            last=last,
            is_unchanged=checksums.is_unchanged,
        )
        exchange = Exchange(store) if store else None
        if client:
            pool = DaskPool(client, plan.runner, exchange)
        return Build(plan, self.progress, pool).run()

    def verdicts(self) -> list[str]:
        return [r.pair_id for r in read_rows(self.root / "tables/verdicts.parquet", Verdict)]

    def rejects(self, stage: str) -> list[Reject]:
        return list(read_rows(self.root / f"rejects/{stage}.parquet", Reject))


def made(result: BuildResult) -> dict[str, int]:
    return {name: s.made for name, s in result.stages.items()}


def parts(root: Path) -> dict[str, bytes | dict[str, Any]]:
    """All part files; of receipts what is not a matter of speed."""
    found: dict[str, bytes | dict[str, Any]] = {}
    for file in sorted(p for p in root.glob("parts/*/[!.]*/*") if p.is_file()):
        name = str(file.relative_to(root))
        found[name] = file.read_bytes()
        if file.name == "receipt.json":
            receipt = json.loads(file.read_text())
            found[name] = {k: v for k, v in receipt.items() if k not in COSTS}
    return found

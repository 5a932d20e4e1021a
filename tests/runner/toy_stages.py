"""Stages on text files, small enough to see through: lines become rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import pyarrow as pa

from mmskin_build.records import EmbeddedPage, Page, Record, Reject, Verdict
from mmskin_build.stage import Scope, Stage, StageContext

KEPT: list[bytes] = []  # what a worker does not give back
WORDS = "words/*.txt"  # what people say, below manifests/


@dataclass(frozen=True, slots=True)
class ToySettings:
    height: float = field(default=10.0, metadata={"help": "page height in points"})
    mode: str = field(default="normal", metadata={"help": "normal or strict"})
    flags: tuple[str, ...] = field(default=(), metadata={"help": "words"})

    def __post_init__(self) -> None:
        if self.height <= 0:
            raise ValueError("height must be above 0")


def read(ctx: StageContext, settings: ToySettings) -> Iterator[Record]:
    source = ctx.sources[0]
    lines = Path(source.path).read_text(encoding="utf-8").splitlines()
    if not lines:
        yield Reject(source.source_id, source.source_id, "file_empty")
        return
    if lines == ["missing"]:
        yield Reject(source.source_id, source.source_id, "file_missing", "does not exist")
        return
    if "this file changes" in lines and "more" not in lines:
        with Path(source.path).open("a", encoding="utf-8") as file:
            file.write("\nmore")
        lines = ["one", "two"]
    if lines[0] == "this file disappears":
        Path(source.path).unlink()
        raise FileNotFoundError(source.path)
    if lines[0] == "raise":
        raise RuntimeError("this book is unbearable")
    for page in ctx.pages(len(lines)):
        line = lines[page - 1]
        if not ctx.enter_page(page):
            continue
        _provoke(line, Path(f"{source.path}.mark"))
        if line == "picture":
            ctx.images.put(b"picture", ".png")
        yield EmbeddedPage(source.source_id, page, 5.0, settings.height, 0, line, 0.0)


def _provoke(line: str, mark: Path) -> None:
    if line == "hang":
        time.sleep(600)
    if line == "die" or (line == "be killed once" and not mark.exists()):
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if line == "keep":
        KEPT.append(b"x" * (600 * 2**20))
    if line == "claim":
        bytearray(64 * 2**30)  # not touched, so that no look at the used memory finds it
    if line == "hoard in a program":
        hoard = "import time; hoard = bytearray(600 * 2**20); time.sleep(600)"
        subprocess.run([sys.executable, "-c", hoard], check=True)
    if line == "work for 3 s":
        until = time.monotonic() + 3
        while time.monotonic() < until:
            pass
    if line == "count threads":
        mark.write_text(f"{cv2.getNumThreads()} {pa.cpu_count()} {os.environ['OMP_THREAD_LIMIT']}")
    if line == "raise":
        raise RuntimeError("this line is unbearable")


def copy(ctx: StageContext, settings: None) -> Iterator[Record]:
    said = "".join(file.read_text(encoding="utf-8") for file in ctx.manifest(WORDS))
    for row in ctx.rows(EmbeddedPage):
        text = row.text_problem + said
        yield Page(row.source_id, row.page, 5.0, row.height_pt, 0, text, None, 0.0)


def judge(ctx: StageContext, settings: None) -> Iterator[Record]:
    (ctx.output_dir / "out").mkdir()
    (ctx.output_dir / "out" / "count.txt").write_text(str(len(list(ctx.rows(Page)))))
    for row in ctx.rows(Page):
        yield Verdict(row.source_id, f"{row.source_id}-{row.page}", True, row.text_source, "")


READ = Stage("read", read, (), (EmbeddedPage,), section="read", scope=Scope.PAGES)
COPY = Stage("copy", copy, (EmbeddedPage,), (Page,), scope=Scope.PAGES, manifests=(WORDS,))
JUDGE = Stage("judge", judge, (Page,), (Verdict,), scope=Scope.LIBRARY, makes_folder="made")
TOYS = (READ, COPY, JUDGE)

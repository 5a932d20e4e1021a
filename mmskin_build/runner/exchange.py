"""Carry tasks and parts between machines that share no folder, through any fsspec store.

What a task reads is put into the store once, under its digest; the worker fetches it into a
folder of its own, which is gone when the task is done. What it makes goes back the same way.
"""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow.parquet as pq

from mmskin_build.errors import MissingDependencyError, StageError, disk_trouble
from mmskin_build.images import ImageStore
from mmskin_build.runner.layout import Layout
from mmskin_build.runner.part import hidden, put_in_place
from mmskin_build.runner.pool import Event, Finished
from mmskin_build.runner.receipts import PICTURES_NAME, digest_of_file
from mmskin_build.runner.task import TableFiles, Task

T = TypeVar("T")
PICTURE_COLUMN = "image_digest"
PAUSES_S = (1.0, 5.0, 20.0)  # between tries to reach the store
WHOLE_OR_NOT = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "memory"}  # stores of objects


@dataclass(frozen=True, slots=True)
class Parcel:
    """A task on its way: names in the store of all it reads."""

    url: str
    task: Task
    source: str  # the PDF file; '' when it cannot be read, which the task then finds out
    tables: dict[str, str]  # path in the task, name in the store
    manifests: dict[str, str]  # path below manifests/, name in the store
    pictures: tuple[str, ...]
    token: str  # where in the store the result goes


class Exchange:
    """The sending side, where the build folder is."""

    def __init__(self, url: str) -> None:
        """Look what the store holds.

        Raises:
            MissingDependencyError: fsspec, or its package for this kind of store, is missing.
            StageError: the store cannot be reached.
        """
        self.url = url
        self._store = Store(url)
        self._known = self._store.names()
        self._digests: dict[tuple[str, int, int], str] = {}

    def send(self, task: Task) -> Parcel:
        """Put into the store what a task reads and is not there yet."""
        tables = {
            str(path): self._put(path, "tables")
            for files in task.tables.values()
            for path in files.paths
        }
        images = ImageStore(Layout(task.build_dir).images)
        pictures = tuple(self._put_picture(images, digest) for digest in _pictures_read(task))
        token = f"results/{secrets.token_hex(12)}"
        file = Path(task.sources[0].path)
        source = self._put(file, "sources") if file.is_file() else ""
        return Parcel(self.url, task, source, tables, self._put_manifests(task), pictures, token)

    def receive(self, parcel: Parcel) -> None:
        """Put the part of a finished parcel, and its pictures, into the build folder."""
        final = parcel.task.folder
        work = hidden(final)
        try:
            self._store.get_folder(parcel.token, work)
            images = Layout(parcel.task.build_dir).images
            for name in _listed(work):
                self._known.add(f"images/{name}")
                if not (images / name).exists():
                    self._store.get(f"images/{name}", images / name)
            (work / _NAMES).unlink(missing_ok=True)
            put_in_place(work, final)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        self._store.remove(parcel.token)

    def _put(self, file: Path, kind: str) -> str:
        stat = file.stat()
        key = (str(file), stat.st_size, stat.st_mtime_ns)
        if key not in self._digests:
            self._digests[key] = digest_of_file(file)
        return self._put_once(file, f"{kind}/{self._digests[key]}/{file.name}")

    def _put_manifests(self, task: Task) -> dict[str, str]:
        files = {f for pattern in task.stage.manifests for f in task.manifests.glob(pattern)}
        return {
            f.relative_to(task.manifests).as_posix(): self._put(f, "manifests")
            for f in sorted(files)
        }

    def _put_picture(self, images: ImageStore, digest: str) -> str:
        file = images.path(digest)
        return self._put_once(file, f"images/{file.parent.name}/{file.name}")

    def _put_once(self, file: Path, name: str) -> str:
        if name not in self._known:
            self._store.put(file, name)
            self._known.add(name)
        return name


_NAMES = "picture-names.txt"


def run_parcel(parcel: Parcel, run: Callable[[Task], Event]) -> Event:
    """Unpack a task in a folder of its own, run it, and send back what it made; on a worker."""
    store = Store(parcel.url)
    with tempfile.TemporaryDirectory(prefix="mmskin-task-") as scratch:
        root = Path(scratch)
        task = _unpacked(parcel, store, root)
        event = run(task)
        if isinstance(event, Finished):
            _send_back(parcel, store, task)
        return dataclasses.replace(event, task=parcel.task)


def _unpacked(parcel: Parcel, store: Store, root: Path) -> Task:
    task = parcel.task
    files: dict[str, Path] = {}
    for number, (path, name) in enumerate(parcel.tables.items()):
        files[path] = store.get(name, root / "in" / str(number) / Path(path).name)
    for path, name in parcel.manifests.items():
        store.get(name, root / "manifests" / path)
    for name in parcel.pictures:
        store.get(name, root / "build" / name)
    source = root / "in" / Path(task.sources[0].path).name
    if parcel.source:
        store.get(parcel.source, source)
    tables = {
        table: TableFiles(tuple(files[str(p)] for p in found.paths), found.shared)
        for table, found in task.tables.items()
    }
    return dataclasses.replace(
        task,
        tables=tables,
        sources=(dataclasses.replace(task.sources[0], path=str(source)),),
        build_dir=root / "build",
        manifests=root / "manifests",
    )


def _send_back(parcel: Parcel, store: Store, task: Task) -> None:
    """Pictures first and the receipt's folder last: a result that is there is whole."""
    images = Layout(task.build_dir).images
    listing = task.folder / PICTURES_NAME
    names = []
    if listing.is_file():
        stored = ImageStore(images)
        for digest in listing.read_text(encoding="ascii").split():
            file = stored.path(digest)
            names.append(f"{file.parent.name}/{file.name}")
            if f"images/{names[-1]}" not in parcel.pictures:
                store.put(file, f"images/{names[-1]}")
        (task.folder / _NAMES).write_text("\n".join(names), encoding="ascii")
    for file in sorted(task.folder.iterdir()):
        store.put(file, f"{parcel.token}/{file.name}")


def _listed(part: Path) -> list[str]:
    listing = part / _NAMES
    return listing.read_text(encoding="ascii").split() if listing.is_file() else []


def _pictures_read(task: Task) -> list[str]:
    """Return the digests of the pictures that the rows of a task name."""
    found: set[str] = set()
    for files in task.tables.values():
        for path in files.paths:
            found.update(_digests_in(path, task))
    return sorted(found - {""})


def _digests_in(path: Path, task: Task) -> Iterator[str]:
    with pq.ParquetFile(path) as file:
        if PICTURE_COLUMN not in file.schema_arrow.names:
            return
        rows = file.read(columns=[PICTURE_COLUMN, "page"]).to_pylist()
    for row in rows:
        if task.pages is None or row["page"] in task.pages:
            yield row[PICTURE_COLUMN]


class Store:
    """Files below one URL that fsspec understands: ``s3://bucket/folder``, ``file:///mnt/x``."""

    def __init__(self, url: str) -> None:
        """Connect; ways to log in are fsspec's (its environment variables and config files)."""
        try:
            from fsspec.core import url_to_fs

            self._fs: Any
            self._fs, self._root = url_to_fs(url)
        except ImportError as error:
            raise MissingDependencyError(
                f"--store {url}: {error}; install the extra 'dask' and fsspec's package for this "
                "kind of store, such as: .venv/bin/pip install -e '.[dask]' s3fs"
            ) from None
        except ValueError as error:
            raise StageError(f"--store {url}: {error}") from None
        self._url = url
        protocol = self._fs.protocol
        kinds = {protocol} if isinstance(protocol, str) else set(protocol)
        self._is_object_store = bool(kinds & WHOLE_OR_NOT)

    def names(self) -> set[str]:
        """Return what is there."""

        def found() -> list[str]:
            self._fs.makedirs(self._root, exist_ok=True)
            names: list[str] = self._fs.find(self._root)
            return names

        try:
            names = self._patiently(found)
        except OSError as error:
            raise StageError(f"--store {self._url}: cannot be used: {error}") from None
        start = len(self._fs._strip_protocol(self._root).rstrip("/")) + 1
        return {name[start:] for name in names}

    def put(self, file: Path, name: str) -> None:
        """Send a file; it appears whole or not at all, also when the sender is killed."""
        self._patiently(lambda: self._put(file, f"{self._root}/{name}"))

    def _put(self, file: Path, target: str) -> None:
        folder = target.rpartition("/")[0]
        self._fs.makedirs(folder, exist_ok=True)
        if self._is_object_store:
            self._fs.put_file(str(file), target)
            return
        part = f"{folder}/.{secrets.token_hex(8)}"  # a name may be as long as the disk allows
        self._fs.put_file(str(file), part)
        self._fs.mv(part, target)

    def get(self, name: str, file: Path) -> Path:
        """Fetch a file; it appears whole or not at all."""
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{secrets.token_hex(8)}")
        self._patiently(lambda: self._fs.get_file(f"{self._root}/{name}", str(part)))
        part.replace(file)
        return file

    def get_folder(self, name: str, folder: Path) -> None:
        """Fetch the files of a folder."""
        for found in self._patiently(lambda: self._fs.find(f"{self._root}/{name}")):
            base = found.rpartition("/")[2]
            self.get(f"{name}/{base}", folder / base)

    def remove(self, name: str) -> None:
        """Delete a folder, if it is there."""
        with contextlib.suppress(FileNotFoundError):  # a second try after a lost answer
            self._patiently(lambda: self._fs.rm(f"{self._root}/{name}", recursive=True))

    def _patiently(self, call: Callable[[], T]) -> T:
        """Return what a call to the store returns; a network that fails for a moment is forgiven.

        Raises:
            FileNotFoundError, PermissionError: what is asked for is not there, or not for us.
            OSError: a disk is full or read-only.
            StageError: the store cannot be reached.
        """
        for pause in (*PAUSES_S, None):
            try:
                return call()
            except (FileNotFoundError, PermissionError):
                raise
            except Exception as error:  # each kind of store has errors of its own
                if isinstance(error, OSError) and disk_trouble(error):
                    raise
                if pause is None:
                    detail = f"cannot be reached: {error or repr(error)}"
                    advice = "when it can be, run the same command again"
                    raise StageError(f"--store {self._url}: {detail}; {advice}") from error
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

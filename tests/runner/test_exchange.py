"""Machines that share no folder: tasks and parts travel through a store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from s3_server import s3_server
from toy_library import LINES, Toy, parts

from mmskin_build.errors import ExitCode, MissingDependencyError, StageError
from mmskin_build.runner.exchange import Exchange, Store

pytest.importorskip("distributed", reason="the extra 'dask' is not installed")


def same_as_local(toy: Toy, client: Any, store: str) -> None:
    toy.book("long", *LINES)
    toy.book("short", "one", "picture", "die")
    toy.book("empty")
    toy.say("said by a person")
    failed = toy.build().failed
    local = parts(toy.root)
    pictures = sorted(p.name for p in (toy.root / "images").rglob("*.png"))
    toy.root = toy.root.with_name("other")
    toy.say("said by a person")
    assert toy.build(client=client, store=store, range_pages=6).failed == failed
    assert parts(toy.root) == local
    assert sorted(p.name for p in (toy.root / "images").rglob("*.png")) == pictures != []
    assert toy.build(client=client, store=store).stages["read"].made == 0


def test_the_same_parts_and_pictures_come_back(toy: Toy, client: Any, tmp_path: Path) -> None:
    same_as_local(toy, client, (tmp_path / "store").as_uri())
    assert not list((tmp_path / "store/results").iterdir())


def test_a_file_that_was_cut_on_its_way_is_not_taken_for_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, name = tmp_path / "a.pdf", f"sources/1/{'x' * 251}.pdf"
    file.write_bytes(b"whole")

    def cut(self: object, source: str, target: str, **_: object) -> None:
        Path(target).write_bytes(Path(source).read_bytes()[:2])
        raise KeyboardInterrupt

    url = (tmp_path / "store").as_uri()
    store = Store(url)
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr("fsspec.implementations.local.LocalFileSystem.put_file", cut)
        store.put(file, name)
    assert name not in Store(url).names()
    store.put(file, name)
    assert name in Store(url).names()
    assert store.get(name, tmp_path / "b.pdf").read_bytes() == b"whole"


@pytest.mark.parametrize(("failures", "ends_well"), [(3, True), (4, False)])
def test_a_network_that_fails_for_a_moment_is_forgiven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failures: int, ends_well: bool
) -> None:
    from fsspec.implementations.local import LocalFileSystem

    store = Store((tmp_path / "store").as_uri())
    pauses: list[float] = []
    answers = iter([ConnectionError("unplugged")] * failures)
    real = LocalFileSystem.find

    def find(self: LocalFileSystem, *args: object, **kwargs: object) -> object:
        for error in answers:
            raise error
        return real(self, *args, **kwargs)

    monkeypatch.setattr(LocalFileSystem, "find", find)
    monkeypatch.setattr("mmskin_build.runner.exchange.time.sleep", pauses.append)
    if ends_well:
        assert store.names() == set()
    else:
        with pytest.raises(StageError, match=r"unplugged.*run the same command again"):
            store.names()
    assert pauses == [1.0, 5.0, 20.0]


def test_a_kind_of_store_whose_package_is_missing_is_named() -> None:
    with pytest.raises(MissingDependencyError, match="gcsfs") as caught:
        Exchange("gs://bucket/folder")
    assert caught.value.exit_code == ExitCode.DEPENDENCY


def test_an_unknown_kind_of_store_is_refused() -> None:
    with pytest.raises(StageError, match="--store tape://a"):
        Exchange("tape://a")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with s3_server(monkeypatch) as url:
        yield url


@pytest.mark.slow
def test_an_object_store_carries_tasks_and_parts(toy: Toy, client: Any, bucket: str) -> None:
    same_as_local(toy, client, bucket)

"""Toy books, and clusters on this machine to build them on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from toy_library import Toy


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


@pytest.fixture(scope="session")
def client() -> Iterator[Any]:
    """A connection to the cluster that ``--engine dask`` starts by itself."""
    pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    from mmskin_build.runner.dask_pool import cluster_client

    with cluster_client("", 2) as client:
        yield client

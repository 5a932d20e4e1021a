"""Small books, and what an undisturbed build makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from killing import Builder
from small_books import write_books


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_books(tmp_path_factory.mktemp("small") / "books")


@pytest.fixture(scope="session")
def aligned(books: Path) -> dict[str, str]:
    """The result of an undisturbed build as far as the align stage."""
    undisturbed = Builder(books, books.with_name("undisturbed"), "--until", "align")
    undisturbed.finish()
    assert len(undisturbed.result()) > 8
    return undisturbed.result()

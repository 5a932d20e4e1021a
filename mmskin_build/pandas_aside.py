"""Import libraries that load pandas if they find it, without it.

It costs each worker a third of a second and 40 MiB, for data frames that no stage asks for. Who
asks for one (``to_pandas`` of pyarrow) gets it all the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class _NoPandas:
    """An importer by which pandas cannot be found."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        """Raise ModuleNotFoundError for pandas."""
        if name == "pandas":
            raise ModuleNotFoundError("not wanted here", name=name)


@contextmanager
def without_pandas() -> Iterator[None]:
    """Let pandas be found only if it is loaded already."""
    if "pandas" in sys.modules:
        yield
        return
    sys.meta_path.insert(0, _NoPandas)
    try:
        yield
    finally:
        sys.meta_path.remove(_NoPandas)

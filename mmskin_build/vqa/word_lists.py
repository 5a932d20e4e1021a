"""Small lists of English words, kept as data beside the lexicon."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import yaml


def word_list(name: str) -> frozenset[str]:
    """Return one list of ``lexicon/word_lists.yaml``."""
    return _load()[name]


@lru_cache(maxsize=1)
def _load() -> dict[str, frozenset[str]]:
    folder = resources.files("mmskin_build.vqa") / "lexicon"
    data = yaml.safe_load((folder / "word_lists.yaml").read_text("utf-8"))
    return {name: frozenset(str(word) for word in words) for name, words in data.items()}

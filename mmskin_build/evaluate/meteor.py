"""METEOR as nltk computes it, where WordNet 3.0 can be found on this machine."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

METEOR_HINT = (
    "METEOR not computed: no WordNet 3.0 found; install Debian's wordnet-base, or nltk's "
    "wordnet corpus, or name a folder of its dict files with --wordnet"
)
_SYSTEM_FOLDERS = ("/usr/share/wordnet", "/usr/local/share/wordnet")
_LEXICOGRAPHER_FILES = 45  # of WordNet 3.0

Meteor = Callable[[str, str], float]


def find_meteor(folder: str = "") -> Meteor | None:
    """Return a scorer (predicted, reference), or None where nltk or WordNet is missing."""
    wordnet = _wordnet(folder)
    if wordnet is None:
        return None
    from nltk.translate.meteor_score import single_meteor_score

    @lru_cache(maxsize=65536)
    def score(predicted: str, reference: str) -> float:
        return float(single_meteor_score(reference.split(), predicted.split(), wordnet=wordnet))

    return score


def _wordnet(folder: str) -> Any:
    try:
        from nltk.data import find
    except ImportError:
        return None
    candidates = [Path(folder)] if folder else [Path(name) for name in _SYSTEM_FOLDERS]
    if not folder:
        with contextlib.suppress(LookupError, OSError):
            candidates.insert(0, Path(str(find("corpora/wordnet"))))
    usable = (path for path in candidates if (path / "data.noun").is_file())
    found = next(usable, None)
    return _reader(found) if found else None


def _reader(folder: Path) -> Any:
    import nltk
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    class Reader(WordNetCorpusReader):  # type: ignore[misc]
        """nltk's reader, without the one file that Debian's package leaves out."""

        def open(self, file: str) -> Any:
            """Open one of WordNet's files."""
            if file == "lexnames":
                return io.StringIO(_lexnames())
            return super().open(file)

        def map_wn(self, version: str = "wordnet") -> None:
            """Leave out the map between WordNet versions; only other languages need it."""

    nltk.data.path.append(str(folder.resolve()))  # nltk reads nothing outside these folders
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on the multilingual WordNet, which METEOR does not use
        return Reader(str(folder.resolve()), None)


def _lexnames() -> str:
    """Return a stand-in for the file that names the lexicographers' files; METEOR never asks."""
    return "".join(f"{n:02d}\tfile{n:02d}\t0\n" for n in range(_LEXICOGRAPHER_FILES))

"""Notice a scanned book in another language than tesseract was told to read.

Read by English data, German loses its umlauts and French its accents, and nothing says so. The
little words of a language are read well all the same and give it away.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from mmskin_build.ocr.language_data import installed_data
from mmskin_build.ocr.tesseract import package_of

LEAST_WORDS = 60  # little words of one language
MANY_TIMES = 3  # as often as those of any language that tesseract was told

# The commonest words that only one of these languages has, without accents.
_LITTLE = {
    "eng": "the of and with is are was were from this that which has have been or by",
    "deu": "der und das den dem ein eine ist nicht mit auch bei oder wird sind werden zur durch",
    "fra": "les des est une dans qui par sur sont avec aux peut cette ou sous lors chez",
    "spa": "los las del el y una por se con es para como pueden su muy pero fue",
    "ita": "il della che di gli nella sono dei alla delle anche questa degli si dal nei",
    "por": "os uma em com nos pela das ao pelo mais foi ser seu quando muito ou",
    "nld": "het een van en op te zijn voor met niet aan ook bij wordt worden dat",
}
_OWNERS: dict[str, list[str]] = {}
for _code, _words in _LITTLE.items():
    for _one in _words.split():
        _OWNERS.setdefault(_one, []).append(_code)
_NAMES = {
    "deu": "German", "fra": "French", "spa": "Spanish", "ita": "Italian", "por": "Portuguese",
    "nld": "Dutch", "eng": "English",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")


class LanguageWatch:
    """Counts little words over the pages of a book."""

    def __init__(self, languages: Sequence[str]) -> None:
        """Start without a page; ``languages`` are those tesseract was told."""
        self._languages = languages
        self._counts: Counter[str] = Counter()
        self._told = not any(language in _LITTLE for language in languages)

    def see(self, texts: Iterable[str]) -> str:
        """Count the words of a page; return what to tell the user, '' for nothing or once told."""
        for text in texts:
            for word in _WORD.findall(text.lower()):
                owners = _OWNERS.get(word, ())
                if len(owners) == 1:
                    self._counts[owners[0]] += 1
        found = max(self._counts, key=lambda code: self._counts[code], default="")
        known = max((self._counts[code] for code in self._languages), default=0)
        count = self._counts[found]
        if self._told or count < LEAST_WORDS or count < MANY_TIMES * known:
            return ""
        self._told = True
        return self._advice(found)

    def _advice(self, found: str) -> str:
        missing = "" if found in installed_data() else f"`apt-get install {package_of(found)}` and "
        return (
            f"seems to be in {_NAMES[found]} but was read as {'+'.join(self._languages)}, which "
            f"misreads accents; {missing}set ocr.languages to [{found}]"
        )

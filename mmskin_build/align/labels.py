"""Printed caption labels: 'Figure 12.3', 'Fig. 4-17', 'FIGURE 1 |', 'Abb. 2', 'Plate IV' ..."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

# Small capitals often come out as 'F IG' or 'T ABLE': a capital, a gap, the rest.
_FIGURE = (
    r"f\s?ig(?:ure|ura|uras|ures|uur|s)?|abb(?:ildung(?:en)?)?|bild|plates?|"
    r"images?|imagen|imagem|immagine|photo(?:s|graphs?|graphie)?|"
    r"foto(?:s|graf[íi]a|grafie)?|illustration|ilustraci[óo]n|ilustração|illustrazione|"
    r"tafel|tavola|planche|l[áa]mina|afbeelding|afb|scheme|schema|"
    r"рис(?:унок)?|obr(?:ázek)?|rys(?:unek)?|exhibit|chart|diagram|panel|map"
)
_OTHER = (
    r"t\s?able(?:au)?s?|tab(?:elle|la|ella)?|tabela|cuadro|box|kasten|algorithm|listing|video|movie|"
    r"supplementary\s+\w+|appendix|case|example|beispiel|exemple|ejemplo|esempio|exemplo"
)
# They head a part of the text, never a picture.
SECTIONS = ("case", "example", "appendix", "beispiel", "exemple", "ejemplo", "esempio", "exemplo")
LOWER_WORDS = ("eFigure", "eFig")  # label words that begin with a small letter
STAND_IN = "Figure"  # known word read in place of a book's own
_NUMBER = r"[A-Z]{0,2}\.?\d{1,4}(?:\s?[.\-–‑·/]\s?\d{1,4})*|[IVXLC]{1,7}"
_HINT_WORDS = (
    r"(?:top|bottom|upper|lower|left|right|above|below|centre|center|middle|facing|opposite|"
    r"previous|next|preceding|following|overleaf|page|plate|and|on|the|panel|row|side|continued|"
    r"cont\.?|cont'd|inset|links|rechts|oben|unten|izquierda|derecha)"
)
_LABEL = re.compile(
    rf"(?P<prefix>supplementa(?:l|ry)\s+|color\s+|colour\s+|online\s+)?"
    rf"(?:(?P<figure>{_FIGURE})|(?P<other>{_OTHER}))"
    rf"(?P<dot>(?:\s?\.)?)[\s ]*[-:]?[\s ]*"
    rf"(?P<number>{_NUMBER})(?P<suffix>[A-Za-z](?:\s?[-–,&]\s?[A-Za-z])*(?![A-Za-z]))?"
    r"(?:\s[A-Za-z](?:\s?[-–,&]\s?[A-Za-z])+(?![A-Za-z]))?"  # '3 a–c': all of its panels
    rf"(?P<more>\s?(?:,|and|und|y|&|to|-|–)\s?(?:{_NUMBER})(?![A-Za-z]))?"
    r"(?:(?![A-Za-z\d%])|(?<=\d)(?=(?-i:[A-Z][a-zß-ÿ])))",  # 'Plate 1Psoriasis': a lost space
    re.IGNORECASE,
)
_HINT = re.compile(
    rf"^\s*\((?P<hint>{_HINT_WORDS}(?:[\s,/-]+{_HINT_WORDS})*)\)|^\s*(?P<cont>cont(?:inued|\.|'d))",
    re.IGNORECASE,
)
_HINT_INSIDE = re.compile(rf"\({_HINT_WORDS}(?:[\s,/-]+{_HINT_WORDS})*\)", re.IGNORECASE)
_DELIMITER = re.compile(r"^\s*(?P<mark>[.:|–—•▪■►▶]|-(?=\s))+\s*")


@dataclass(frozen=True, slots=True)
class Label:
    """A label at the start of a line.

    Attributes:
        kind: 'figure', or 'other' for tables, boxes and the like.
        word: the label word as printed, e.g. 'Fig.'.
        number: the printed number without spaces, e.g. '3.12'.
        suffix: a panel letter that follows the number, e.g. 'a'.
        mark: the delimiter after the label; '' when there is none.
        hint: words in brackets that say where the figure is, e.g. 'top left'.
        end: where the caption text starts in the line.
        rest: the caption text after the label in this line.
    """

    kind: str
    word: str
    number: str
    suffix: str
    mark: str
    hint: str
    end: int
    rest: str

    @property
    def heads_section(self) -> bool:
        """Tell whether the word names a part of the text: 'Case 12'."""
        return self.word.lower() in SECTIONS

    @property
    def form(self) -> str:
        """Return how the label is printed, without its number: 'Fig.|:'."""
        return f"{self.word}|{self.mark}"


def parse_label(text: str, words: tuple[str, ...] = ()) -> Label | None:
    """Return the label a line starts with, or None.

    Args:
        text: the line.
        words: label words of this book besides the known ones.
    """
    for word in (*LOWER_WORDS, *words):
        if text.startswith(word) and _LABEL.match(STAND_IN + text[len(word) :]):
            label = parse_label(STAND_IN + text[len(word) :])
            if label is not None:
                end = label.end - len(STAND_IN) + len(word)
                return replace(label, word=label.word.replace(STAND_IN, word), end=end)
    match = _LABEL.match(text)
    if match is None or (match["number"] or "").islower():
        return None
    word = (match["figure"] or match["other"]) + match["dot"].strip()
    if not word[0].isupper():
        return None
    end = match.end()
    hint, end = _take_hint(text, end)
    mark = _DELIMITER.match(text[end:])
    if mark:
        end += mark.end()
    late_hint, after = (hint, end) if hint else _take_hint(text, end)
    # 'Fig. 1. (left) ... (right) ...' names panels; it does not say where the figure is.
    if not _HINT_INSIDE.search(text[after:]):
        end, hint = after, late_hint
    rest = text[end:].strip()
    return Label(
        kind="figure" if match["figure"] else "other",
        word=re.sub(r"\s", "", word),
        number=re.sub(r"\s", "", match["number"]),
        suffix=re.sub(r"[^A-Za-z,–-]", "", match["suffix"] or ""),
        mark=mark["mark"] if mark else "",
        hint=hint.lower(),
        end=end,
        rest=rest,
    )


_NUMBER_ONLY = re.compile(
    r"^(?P<number>[A-Z]?\d{1,3}(?:[.\-–]\d{1,3})?)(?P<suffix>[a-z])?(?![.\-–]\d)"
    r"(?P<mark>\s?[.:|–—]+)?(?:\s*(?=[^\W\d_a-zß-öø-ÿ]|[(\[“„«\"'])|\s*$)"
)


def parse_number(text: str) -> Label | None:
    """Return the label of a line that starts with nothing but a number: '4.12 Psoriasis'.

    Three numbers, 4.12.1, are those of a section.
    """
    match = _NUMBER_ONLY.match(text)
    if match is None:
        return None
    mark = (match["mark"] or "").strip()
    rest = text[match.end() :].strip()
    kind = "figure"
    return Label(kind, "", match["number"], match["suffix"] or "", mark, "", match.end(), rest)


# A label word that wide spacing may have torn off its number, or with it off the text.
LABEL_WORD = re.compile(rf"^(?:{_FIGURE})\.?(?:\s?{_NUMBER})?$", re.IGNORECASE)


def _take_hint(text: str, start: int) -> tuple[str, int]:
    match = _HINT.match(text[start:])
    if match is None:
        return "", start
    return match["hint"] or match["cont"] or "", start + match.end()


_MENTION = re.compile(
    r"^(?:\(?[A-Za-z]\)?\s)?(?:shows?|showed|illustrates?|presents?|depicts?|demonstrates?|displays?|"
    r"gives?|summari[sz]es?|compares?|plots?|reports?|provides?|describes?|indicates?|reveals?|"
    r"represents?|contains?|is|are|was|were|can|may|in|and|or|for|of|to|as|we|the|that|which|"
    r"also|below|above|has|have|zeigt|zeigen|und|sowie|ist|sind|stellt|oder|bis|aus|muestra|muestran|"
    r"presenta|ilustra|se|es|son|montre|montrent|illustre|et|ou|est|sont|mostra|mostram|mostrano|"
    r"ilustram|illustra|ed|y|e|o|toont|en)\b"
)


def reads_like_mention(label: Label) -> bool:
    """Tell whether the words after a label make it part of a sentence ('Figure 3 shows ...')."""
    rest = label.rest
    if label.mark and label.mark != "-":
        return False
    return bool(_MENTION.match(rest)) or rest[:1] in {",", ";", ")", "]"}

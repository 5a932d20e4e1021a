"""What is taken out of captions: labels, continuation marks, credits, references, panel marks."""

from __future__ import annotations

import re

_NUMBER = r"[A-Z]?\d+(?:[.\-–·]\d+)*[A-Za-z]?"
_FIGURE = (
    r"(?:Figs?\.?|Figures?|Abb\.|Figura|Plates?|Images?|Tables?|Tab\.|Box|Chapters?|Chap\.)"
    rf"\s*{_NUMBER}"
)
_MORE = rf"(?:\s*(?:,|and|–|-|to)\s*(?:{_FIGURE}|{_NUMBER}))*"
_LEAD = (
    r"(?:see\s+(?:also\s+)?|cf\.?\s+|compare\s+(?:with\s+)?|"
    r"same\s+(?:patient|case|lesion|section)\s+as\s+(?:in\s+)?)"
)
LABEL = re.compile(
    rf"^\s*(?:Figs?\.?|Figures?|Abb\.|Figura|Plates?)\s*{_NUMBER}{_MORE}\s*"
    r"(?:[.:|]\s*|[–—-]\s+|(?=(?-i:[A-Z(])))",
    re.I,
)
CONTINUED = re.compile(
    r"^[(\[]?(?:continued|cont[’']?d\.?|cont\.)(?:\s+(?:from|on)\s+(?:p\.|page)\s*\d+)?[)\]]?[.:,]?\s+"
    r"|\s*[(\[](?:continued|cont[’']?d\.?|cont\.|Fortsetzung|suite|continuación)"
    r"(?:\s+(?:from|on)\s+(?:p\.|page)\s*\d+)?[)\]][.:]?"
    r"|(?:(?<=[.;])\s+)continued\s+(?:from|on)\s+(?:p\.|page)\s*\d+\.?",
    re.I,
)
_CREDIT_WORDS = (
    r"(?:by\s+)?courtesy\s+(?:of|:)?|reproduced\s+(?:with|by|from)|reprinted\s+(?:with|by|from)|"
    r"(?:used|published|printed|adapted|modified|redrawn)\s+(?:with|by|from|after)|copyright\b|©|"
    r"\(c\)\s*\d{4}|(?:photo(?:graph)?s?|slide)\s*(?:credit|by\b|courtesy|:)|"
    r"(?:images?|picture)\s*(?:credit|by\b|courtesy|:)|with\s+(?:kind\s+)?permission|"
    r"from\s+the\s+(?:author|collection|archive|files?\b)|(?:image\s+)?source:|credit:|"
    r"image\s+provided\s+by|taken\s+from|all\s+rights\s+reserved"
)
CREDIT = re.compile(
    rf"\s*\((?:{_CREDIT_WORDS})[^()]*(?:\([^()]*\)[^()]*)*\)\.?"
    rf"|\s*\[(?:{_CREDIT_WORDS})[^\[\]]*\]\.?"
    # a sentence of its own; initials and titles do not end it
    rf"|(?:(?<=[.!?;])\s+|^)(?:{_CREDIT_WORDS})"
    r"(?:[^.]|\.(?!\s+[A-Z][a-z]|\s*$)|(?<=\b[A-Z])\.|(?<=\b(?:Dr|Mr|Ms|St))\.|(?<=\bProf)\.)*(?:\.|$)",
    re.I,
)
REFERENCE = re.compile(
    rf"\s*[(\[]{_LEAD}?(?:the\s+text|text|{_FIGURE}{_MORE})[)\]]"
    rf"|(?:(?<=[.;])\s+|^){_LEAD}(?:{_FIGURE}){_MORE}\.?",
    re.I,
)
PANEL = re.compile(
    r"(?:^|(?<=[.:;,–—])|(?<=[.:;,–—]\s)|(?<=\band\s))\s*"
    r"\((?:[A-Ha-h](?:\s?[,–-]\s?[A-Ha-h])*)\)[:.]?\s*"
    r"|(?:^|(?<=[.:;]\s))(?:[A-H],(?=\s)|[A-Ha-h](?:\)|,(?=\s[A-Z])|[:.](?=\s[A-Z])))\s*"
)


# The patterns above are thorough and slow; nearly every caption has none of what they look for.
# Each function below tells cheaply whether a caption can have it (given in lower case).
_CREDIT_HINTS = (
    "courtesy", "reproduced", "reprinted", "permission", "copyright", "©", "(c) 1", "(c) 2",
    "(c)1", "(c)2", "photograph", "photo c", "photo b", "photo:", "photos c", "photos b", "photos:",
    "slide c", "slide b", "slide:", "used w", "used b", "used f", "published", "printed", "adapted",
    "modified", "redrawn", "from the a", "from the c", "from the f", "source:", "credit",
    "image:", "images:", "image b", "images b", "image p", "picture:", "picture b",
    "taken from", "rights",
)  # fmt: skip
_REFERENCE_IN_BRACKETS = re.compile(
    r"[(\[](?:see|cf|compare|same|fig|abb|plate|image|tab|box|chap|the\s+text|text)"
)
_PANEL_IN_BRACKETS = re.compile(r"\([A-Ha-h][),\s–-]")
_PANEL_BARE = re.compile(r"[.:;]\s[A-Ha-h][),.:]")
_PANEL_FIRST = re.compile(r"\s*[A-Ha-h][),.:]")


def may_be_continued(low: str) -> bool:
    """Whether a caption can hold a continuation mark."""
    return "cont" in low or "fortsetzung" in low or "suite" in low


def may_credit(low: str) -> bool:
    """Whether a caption can hold a credit line."""
    return any(hint in low for hint in _CREDIT_HINTS)


def may_refer(low: str) -> bool:
    """Whether a caption can refer to another figure or to the text."""
    if _REFERENCE_IN_BRACKETS.search(low):
        return True
    return "see " in low or "cf" in low or "compare " in low or "same " in low


def may_have_panels(text: str) -> bool:
    """Whether a caption can have panel marks; case matters here."""
    return (
        _PANEL_IN_BRACKETS.search(text) is not None
        or _PANEL_FIRST.match(text) is not None
        or _PANEL_BARE.search(text) is not None
    )

"""Captions that name a genital or anal site, which a photograph may show."""

from __future__ import annotations

import re

# 'labial' alone is the lip, 'congenital' is no site: hence whole words only.
_SITES = re.compile(
    r"\b(?:"
    r"peni(?:s|le|an)|glans|foreskin|prepu(?:ce|tial)|scrot(?:um|al)|penoscrotal|test(?:is|es"
    r"|icle|icles|icular)|vulv(?:a|ae|al|ar|itis|ovaginal)|vagin(?:a|al|itis)|clitor(?:is|al)"
    r"|labi(?:um|a) (?:majora|minora|majus|minus)|introitus|perine(?:um|al)|perianal|anus|anal"
    r"|anogenital|urogenital|(?:ano|extra)?genital(?:s|ia|is)?|pub(?:ic|is)|mons pubis"
    r"|inguinoscrotal|urethral meatus|natal cleft|gluteal cleft|balan(?:itis|oposthitis)"
    r"|phimosis|paraphimosis|condylomat?a?|bowenoid papulosis|chancroid"
    r")\b",
    re.IGNORECASE,
)
_NOT_A_SITE = re.compile(
    r"\b(?:extragenital|non-?genital|pubic (?:lice|louse)|(?:oral|facial) condyloma\w*)\b",
    re.IGNORECASE,
)


def sensitive_sites(caption: str) -> tuple[str, ...]:
    """Return the genital and anal site words of a caption, lower case, each once, in order."""
    spared = [m.span() for m in _NOT_A_SITE.finditer(caption)]
    words = [
        m.group().lower()
        for m in _SITES.finditer(caption)
        if not any(start <= m.start() < end for start, end in spared)
    ]
    return tuple(dict.fromkeys(words))

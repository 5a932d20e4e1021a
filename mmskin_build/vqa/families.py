"""Every question a picture's caption can answer, as candidates in order of worth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from mmskin_build.records import Modality
from mmskin_build.vqa.candidate import Candidate, Picture, both_cases, keys_of
from mmskin_build.vqa.findings import finding_candidates
from mmskin_build.vqa.lexicon_files import Kind, Lexicon, Nature, Term, load_lexicon
from mmskin_build.vqa.noun_phrases import lower_first, upper_first, with_article
from mmskin_build.vqa.phrasing import load_phrasings
from mmskin_build.vqa.qualities import quality_candidates
from mmskin_build.vqa.sites import read_place

LOW_POWER, HIGH_POWER = 50, 200  # original magnification, ×; between the two nothing is asked
OBJECTIVES = frozenset({10, 20, 40, 60, 63, 100})  # × that may be the lens or the whole: not asked
_MAGNIFICATION = re.compile(r"[×xX]\s?(\d{1,4})\b(?!\s?(?:cm|mm|\d))|\b(\d{1,4})\s?[×x](?![\w\d])")
_SAID_POWER = re.compile(
    r"(?<![-–] and )(?<!\bor )(?<![-–]to[-–])"
    r"\b(low|high)(?:er)?[ -](?:power|magnification)\b(?!\s(?:fields?|views))"
    r"(?=[^.]{0,25}(?:[.;,)]|$))",
    re.I,
)
_IMMUNO = re.compile(r"\bimmuno(?:stain|histochem|perox|reactiv|positiv|label)\w*", re.I)
#: a stain that would show something, not the one used
_RECOMMENDED = re.compile(
    r"\b(?:best|can|could|may|might|should|would|must|useful|helpful|required|needed|also|"
    r"highlights?|confirm\w*)\b",
    re.I,
)
_HEALTHY = re.compile(r"\b(?:normal|healthy|uninvolved|unaffected)\b", re.I)
IMMUNO_STAIN = "an immunohistochemical stain"
ADULT, CHILD = 18.0, 13.0  # years
WRONG_OPTIONS = 3  # fewest a choice question wants
_CHILD_GROUPS = ("neonate", "newborn", "infant", "toddler", "child", "baby")
_ADULT_GROUPS = ("adult", "elderly", "middle", "geriatric", "old")
_UNFIT_OPTION = re.compile(
    r"treat|therap|drug|recur|heredit|genetic|infecti|transmi|familial|preval|surg|\d", re.I
)


def candidates_of(picture: Picture) -> list[Candidate]:
    """Return all candidates of one picture."""
    lexicon = load_lexicon()
    found = [
        *_diagnosis(picture, lexicon),
        *finding_candidates(picture),
        *quality_candidates(picture),
        *_site(picture, lexicon),
        *_stain(picture, lexicon),
        *_power(picture),
        *_people(picture),
    ]
    return list({c.family: c for c in reversed(found)}.values())


def _diagnosis(picture: Picture, lexicon: Lexicon) -> Iterator[Candidate]:
    diagnosis = picture.diagnosis
    if diagnosis is None or picture.modality is Modality.OTHER:
        return
    term = diagnosis.term
    others = tuple(_other_diseases(picture, lexicon))
    unfit = _UNFIT_OPTION.search(diagnosis.text)
    kinds = (
        ("open",) if unfit or len(others) < WRONG_OPTIONS or term is None else ("open", "choice")
    )
    small = lower_first(diagnosis.text)
    yield Candidate(
        "diagnosis",
        kinds,
        both_cases("diagnosis", diagnosis.text),
        diagnosis.start,
        diagnosis.end,
        diagnosis.text,
        diagnosis.text,
        others=others,
        correct=small,
    )
    nature = lexicon.natures.get(term.group) if term else None
    if nature is not None and "metasta" not in diagnosis.text.lower():
        slots = both_cases("nature", nature.nature)
        slots["a_nature"] = with_article(nature.nature, nature.nature.split()[-1])
        yield Candidate(
            "group",
            ("choice",),
            slots,
            diagnosis.start,
            diagnosis.end,
            f"{diagnosis.text}: {nature.nature}",
            others=_other_natures(lexicon, nature),
            correct=nature.nature,
        )


def _other_natures(lexicon: Lexicon, own: Nature) -> tuple[str, ...]:
    """Return natures that exclude this one; two kinds of inflammation do not."""
    names = dict.fromkeys(
        n.nature
        for n in lexicon.natures.values()
        if n.nature not in (own.nature, *own.overlaps)
        and "tumour" in (own.exclusive_class, n.exclusive_class)
    )
    return tuple(names)


def _other_diseases(picture: Picture, lexicon: Lexicon) -> Iterator[str]:
    """Yield diseases that exclude the diagnosis: other groups, no shared word, not said here."""
    assert picture.diagnosis is not None
    own = picture.diagnosis.term
    said = {f.term.name for f in picture.reading.facts if f.term.kind is Kind.DISEASE}
    groups = {d.group for d in lexicon.diseases if d.name in said}
    words = keys_of(picture.diagnosis.text) | (keys_of(own.name) if own else frozenset())
    for disease, name, keys in _options(picture.modality):
        if disease.group not in groups and disease.name not in said and keys.isdisjoint(words):
            yield name


@lru_cache(maxsize=8)
def _options(modality: Modality) -> tuple[tuple[Term, str, frozenset[str]], ...]:
    """Return the diseases fit to be options, worded, with their folded words."""
    return tuple(
        (disease, lower_first(disease.name), keys_of(disease.name))
        for disease in load_lexicon().pictured(modality)
        if not _UNFIT_OPTION.search(disease.name)
    )


def _site(picture: Picture, lexicon: Lexicon) -> Iterator[Candidate]:
    if picture.modality is not Modality.CLINICAL:
        return
    place = read_place(picture.reading)
    if place is None or _HEALTHY.search(picture.text):
        return
    far = tuple(f"the {t.name}" for t in lexicon.far_sites(place.regions))
    yield Candidate(
        "site",
        ("open", "closed", "choice") if len(far) >= WRONG_OPTIONS else ("open",),
        both_cases("place", place.text)
        | both_cases("place_with_preposition", place.with_preposition),
        place.start,
        place.end,
        picture.text[place.start : place.end],
        picture.text[place.start : place.end],
        others=far,
        asked="asked_site",
        correct=place.text,
    )


def _stain(picture: Picture, lexicon: Lexicon) -> Iterator[Candidate]:
    if picture.modality is not Modality.PATHOLOGY:
        return
    facts = [f for f in picture.reading.facts if f.term.kind is Kind.STAIN and f.holds]
    if any(_RECOMMENDED.search(picture.reading.clauses[f.clause].text) for f in facts):
        return
    immuno = _IMMUNO.search(picture.text)
    names = {f.term.name for f in facts} - ({"diaminobenzidine"} if immuno else set())
    if len(names) + bool(immuno) != 1 or "fluoresc" in picture.text.lower():
        return
    name = IMMUNO_STAIN if immuno else names.pop()
    start, end = immuno.span() if immuno else (facts[0].start, facts[0].end)
    others = [t.name for t in lexicon.stains if t.name != name]
    others += [] if immuno else [IMMUNO_STAIN]
    yield Candidate(
        "stain",
        ("closed", "choice") if immuno else ("open", "closed", "choice"),
        {"stain": name, "Stain": upper_first(name)},
        start,
        end,
        picture.text[start:end],
        name.removesuffix(" stain"),
        others=tuple(others),
        asked="asked_stain",
        correct=name,
    )


def _power(picture: Picture) -> Iterator[Candidate]:
    if picture.modality is not Modality.PATHOLOGY:
        return
    found = [(_power_of(m, picture.text), m) for m in _MAGNIFICATION.finditer(picture.text)]
    found += [(m.group(1).lower(), m) for m in _SAID_POWER.finditer(picture.text)]
    powers = {power for power, _ in found}
    if len(powers) == 1 and powers != {""}:
        power, match = found[0]
        yield Candidate(
            "power", ("choice",), both_cases("power", power), *match.span(), match.group()
        )


def _power_of(match: re.Match[str], text: str) -> str:
    """Return 'low' or 'high' for a magnification, or '' where it can be read either way."""
    value = int(match.group(1) or match.group(2))
    whole = "original" in text[max(0, match.start() - 30) : match.end() + 30].lower()
    if value in OBJECTIVES and not whole:
        return ""
    if value <= LOW_POWER:
        return "low"
    return "high" if value >= HIGH_POWER else ""


def _people(picture: Picture) -> Iterator[Candidate]:
    row = picture.demographics
    if row is None or picture.modality is not Modality.CLINICAL:
        return
    if row.sex in ("male", "female"):
        span = _span(row.spans, "sex")
        yield Candidate("sex", ("choice",), both_cases("sex", row.sex), *span, row.sex_text)
    stage = _life_stage(row.age_years_low, row.age_years_high, row.age_group)
    if stage:
        span = _span(row.spans, "age")
        slots = both_cases("a_life_stage", stage)
        yield Candidate("age_group", ("choice",), slots, *span, row.age_text or row.age_group)
    tone = _tone(row.skin_type)
    if tone:
        yield Candidate(
            "skin_type", ("choice",), both_cases("tone", tone), -1, -1,
            f"skin type {row.skin_type}",
        )  # fmt: skip


def _tone(skin_type: str) -> str:
    if skin_type in ("I", "II"):
        return "light"
    return "dark" if skin_type in ("V", "VI") else ""


def _life_stage(low: float | None, high: float | None, group: str) -> str:
    if high is not None and high < CHILD:
        return "a child"
    if low is not None and low >= ADULT:
        return "an adult"
    if low is None and high is None and group:
        if group.lower().startswith(_CHILD_GROUPS):
            return "a child"
        if group.lower().startswith(_ADULT_GROUPS):
            return "an adult"
    return ""


def _span(spans: tuple[str, ...], name: str) -> tuple[int, int]:
    for span in spans:
        key, _, place = span.partition(":")
        start, _, end = place.partition("-")
        if key == name and start.isdigit() and end.isdigit():
            return int(start), int(end)
    return -1, -1


def modality_candidate(picture: Picture) -> Candidate | None:
    """Return the question what kind of picture it is."""
    nouns = load_phrasings().modalities
    if picture.modality not in nouns:
        return None
    others = tuple(n for m, names in nouns.items() if m != picture.modality for n in names)
    own = nouns[picture.modality]
    return Candidate(
        "modality",
        ("open", "closed", "choice"),
        {},
        -1,
        -1,
        f"modality: {picture.modality}",
        others=others,
        asked="asked",
        option_slots={str(i): noun for i, noun in enumerate(own)},
    )

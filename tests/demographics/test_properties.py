"""Ages in many phrasings are read exactly; distractors in many phrasings never become ages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mmskin_build.demographics import read_demographics

AGES = st.integers(1, 99)
DISEASES = st.sampled_from(["lichen planus", "a blue naevus", "psoriasis", "tinea corporis"])
SEXED = st.sampled_from([("man", "male"), ("woman", "female"), ("boy", "male"), ("girl", "female")])
YEARS_OLD = st.sampled_from(
    ["{n}-year-old {p}", "{n} year old {p}", "{n}-yr-old {p}", "{n} y/o {p}", "{n} yo {p}"]
)
FRAMES = st.sampled_from(
    ["{D} in a {a}.", "A {a} with {d}.", "{D}: scaly plaque in a {a}, left shin.", "{D} of a {a}"]
)
DISTRACTORS = st.sampled_from(
    [
        "The lesion had been present for {n} years.",
        "Seen {n} months after surgery.",
        "Follow-up at {n} years.",
        "H&E, ×{n}.",
        "The tumour measured {n} mm.",
        "A {n}-year-old scar is seen.",
        "The photograph was taken in 19{n:02d}.",
        "A {n}-week course of griseofulvin was given.",
        "Treated for {n} weeks.",
        "The disease usually begins before {n} years of age.",
        "A series of {n} patients.",
        "Grade {n}.",
        "Present since {n} days.",
        "Seen at {n} weeks of gestation.",
        "The {n}-day-old culture grew Trichophyton.",
    ]
)


@given(AGES, SEXED, YEARS_OLD, FRAMES, DISEASES)
def test_an_age_is_read_in_every_phrasing(
    n: int, person: tuple[str, str], old: str, frame: str, disease: str
) -> None:
    phrase = old.format(n=n, p=person[0])
    caption = frame.format(a=phrase, d=disease, D=disease.capitalize())
    said = read_demographics(caption)
    assert (said.age_low, said.age_high, said.sex) == (n, n, person[1]), caption
    assert said.age_span is not None
    assert str(n) in caption[slice(*said.age_span)]


@given(st.integers(10, 99), DISTRACTORS, DISEASES)
def test_a_distractor_is_never_an_age(n: int, distractor: str, disease: str) -> None:
    caption = f"{disease.capitalize()}. {distractor.format(n=n)}"
    said = read_demographics(caption)
    assert said.age_low is None, caption
    assert said.sex == "", caption


@given(AGES, SEXED, st.integers(10, 99), DISTRACTORS)
def test_a_distractor_does_not_hide_or_change_an_age(
    n: int, person: tuple[str, str], m: int, distractor: str
) -> None:
    caption = f"A {n}-year-old {person[0]} with lentigines. {distractor.format(n=m)}"
    said = read_demographics(caption)
    assert (said.age_low, said.age_high, said.sex) == (n, n, person[1]), caption


@given(st.integers(1, 60), st.integers(1, 20), SEXED)
def test_a_range_keeps_both_ends(low: int, width: int, person: tuple[str, str]) -> None:
    for text in (
        f"A {person[0]} between {low} and {low + width} years of age.",
        f"A {person[0]} aged {low} to {low + width} years.",
    ):
        said = read_demographics(text)
        assert (said.age_low, said.age_high) == (low, low + width), text


@given(st.lists(st.integers(1, 90), min_size=2, max_size=4, unique=True), SEXED)
def test_a_list_of_ages_gives_the_lowest_and_the_highest(
    ages: list[int], person: tuple[str, str]
) -> None:
    ages.sort()
    listed = ", ".join(map(str, ages[:-1])) + f" and {ages[-1]}"
    for text in (f"Siblings aged {listed} years.", f"The same {person[0]}, at {listed} years old."):
        said = read_demographics(text)
        assert (said.age_low, said.age_high) == (ages[0], ages[-1]), text


@given(
    st.integers(2, 9),
    st.sampled_from(["his", "her"]),
    st.sampled_from(["early ", "mid-", "late ", ""]),
    st.sampled_from(["{d}0s", "{w}"]),
)
def test_a_decade_is_the_whole_decade(n: int, whose: str, part: str, form: str) -> None:
    word = [
        "twenties",
        "thirties",
        "forties",
        "fifties",
        "sixties",
        "seventies",
        "eighties",
        "nineties",
    ][n - 2]
    text = f"Plaque in a patient in {whose} {part}{form.format(d=n, w=word)}."
    said = read_demographics(text)
    assert (said.age_low, said.age_high) == (10 * n, 10 * n + 9), text


@given(
    st.integers(10, 99),
    st.sampled_from([("M", "male"), ("F", "female")]),
    st.sampled_from(
        ["({n}/{s})", "({s}/{n})", "({s}, {n})", "({n} y {s})", ", {n} yo {s}, shin", " ({n} {s})"]
    ),
)
def test_shorthand_is_read(n: int, sex: tuple[str, str], form: str) -> None:
    text = f"Lichen planus {form.format(n=n, s=sex[0])}"
    said = read_demographics(text)
    assert (said.age_low, said.age_high, said.sex) == (n, n, sex[1]), text


@given(
    st.integers(1, 23),
    st.sampled_from([("day", 1 / 365.25), ("week", 7 / 365.25), ("month", 1 / 12)]),
    SEXED,
)
def test_units_become_years(n: int, unit: tuple[str, float], person: tuple[str, str]) -> None:
    for text in (
        f"A {n}-{unit[0]}-old {person[0]} with blisters.",
        f"A {person[0]} aged {n} {unit[0]}s with blisters.",
    ):
        said = read_demographics(text)
        assert said.age_low is not None, text
        assert abs(said.age_low - n * unit[1]) < 0.01, text


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    said = read_demographics(text)
    assert (said.age_low is None) == (said.age_high is None)
    assert said.sex in ("", "male", "female", "mixed")
    for span in (said.age_span, said.sex_span):
        assert span is None or 0 <= span[0] < span[1] <= len(text)

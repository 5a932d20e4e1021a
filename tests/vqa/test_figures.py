"""Questions on pictures that show no skin: charts, drawings, scans."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import Qa, Verdict
from mmskin_build.vqa.figure_kinds import load_figure_lexicon, read_figure_kind
from mmskin_build.vqa.figure_marks import read_marks
from mmskin_build.vqa.figure_titles import read_relations, read_subject
from mmskin_build.vqa.phrasing import load_phrasings
from mmskin_build.vqa.settings import FIGURE_FAMILIES, VqaSettings
from mmskin_build.vqa.words import words_of
from stages.vqa import STAGE
from tests.vqa.conftest import rows_for

POINTS = (
    "Effect of coconut water on cell size. Each point represents a mean of five runs.",
    "other",
)
FLOW = ("Flow diagram of the present study.", "other")
STEPS = ("Synthesis of lignans in roots. Unknown steps are indicated by dashed lines.", "other")
BARE = ("Reducing power of the oil from leaves.", "other")
SKIN = ("Plaque psoriasis: scaly, red plaques on both elbows.", "clinical")


def family(row: Qa) -> str:
    return row.template_id.split(".")[0]


def named(text: str) -> dict[str, str]:
    """Return what the title of a caption names, by family."""
    subject = read_subject(text, read_figure_kind(text, words_of(text)))
    if subject is None:
        return {}
    return {n.family: text[n.start : n.end] for n in [subject, *read_relations(text, subject)]}


def kind(text: str) -> str:
    found = read_figure_kind(text, words_of(text))
    return found.name if found else ""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Effect of aspirin on plaque size.", {"factor": "aspirin", "outcome": "plaque size"}),
        (
            "The values of Q as a function of heat.",
            {"factor": "heat", "outcome": "The values of Q"},
        ),
        ("Inhibition of growth by thyme oil.", {"factor": "thyme oil"}),
        ("Comparison of old and new creams.", {"compared": "old and new creams"}),
        ("Cell viability after treatment.", {"outcome": "Cell viability"}),
        ("Flow chart of the screening of newborns.", {"subject": "the screening of newborns"}),
        ("The graph shows the incidence of scabies by year.", {"outcome": "incidence of scabies"}),
    ],
)
def test_a_title_names_factor_quantity_and_comparison(text, wanted):
    assert wanted.items() <= named(text).items()


@pytest.mark.parametrize(
    "text",
    [
        "Thyme oil inhibits the growth of moulds.",  # a claim
        "We compare two lamps.",
        "Growth under our lamp.",  # the author's voice
        "Study flowchart.",  # says only the kind
        "Possible spread of the disease.",  # a doubt
        "Imagen binaria de la lesión con el filtro.",  # not English
        "Growth of moulds (a) and of yeasts (b).",  # panels
        "Images of glass and",  # cut off
        "Ultrasound imaging. Serial scans.",
        "CT scan of a 5-year-old girl with a lump noticed last week.",  # a history
    ],
)
def test_titles_that_name_nothing_safely_give_no_subject(text):
    assert named(text) == {}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Flow diagram.", "flow chart"),
        ("Growth of moulds. Error bars show the deviation.", "graph"),
        ("Ultrasound of a lymph node.", "sonogram"),
        ("CT=chemotherapy, given twice.", ""),
        ("Flow cytometry of T cells.", ""),
        ("Western blot of actin and a bar graph of its density.", ""),  # two pictures
        ("Spread of scabies. A flow chart was drawn before.", "flow chart"),
        ("Spread of scabies. All patients were sent for a chest X-ray.", ""),  # told, not shown
    ],
)
def test_the_kind_of_figure_is_read_where_the_caption_says_it(text, wanted):
    assert kind(text) == wanted


def test_a_reaction_is_no_quantity():
    assert named("Reduction of copper ions by quercetin") == {
        "subject": "Reduction of copper ions by quercetin"
    }


def test_a_mark_is_explained_both_ways():
    legend = next(read_marks("Growth. The dashed lines mark the two harvests that failed.", False))
    assert (legend.family, legend.asked, legend.answer) == (
        "legend", "the dashed lines", "the two harvests",
    )  # fmt: skip
    marking = next(read_marks(STEPS[0], False))
    assert (marking.family, marking.asked, marking.answer) == (
        "marking", "unknown steps", "by dashed lines",
    )  # fmt: skip
    sides = list(read_marks("Comparison of test error (left) and speed (right).", False))
    assert [(s.asked, s.answer) for s in sides] == [("left", "test error"), ("right", "speed")]


@pytest.mark.parametrize(
    "text",
    [
        "Radiograph of the chest. Enlarged gland (right).",  # the patient's right?
        "Growth. Vertical lines show the antero-posterior (AP) view of the lamp.",  # cut short
        "Growth. Scale bar: 50 units.",
    ],
)
def test_marks_that_cannot_be_read_safely_are_left(text):
    assert list(read_marks(text, grey=False)) == []


def test_no_mark_is_asked_for_where_marks_were_painted_over(context):
    rows = rows_for(0, "Growth of moulds. The arrow indicates a spore.", "other")
    masked = [replace(r, masked_digest="copy") if isinstance(r, Verdict) else r for r in rows]
    for book in (rows, masked):
        ctx = MemoryContext(context.output_dir / str(len(book[-1].masked_digest)))
        ctx.add(book)
        ctx.run(STAGE, VqaSettings())
        asked = {family(r) for r in ctx.rows(Qa)}
        assert ("legend" in asked) == (book is rows)


def test_no_coloured_mark_is_asked_for_in_a_grey_print():
    text = "Growth of moulds. Failed runs are shown in red."
    assert list(read_marks(text, grey=False)) and not list(read_marks(text, grey=True))


def test_figures_are_asked_about_and_marked_as_other(ask):
    rows = ask(POINTS, FLOW, STEPS, BARE, SKIN)
    assert {family(r) for r in rows if r.modality == "other"} <= set(FIGURE_FAMILIES)
    assert {r.modality for r in rows} == {"other", "clinical"}
    assert not {family(r) for r in rows if r.modality != "other"} & set(FIGURE_FAMILIES)
    answers = {(family(r), r.answer) for r in rows}
    assert {("factor", "Coconut water."), ("outcome", "Cell size.")} <= answers
    captions = dict(
        zip([f"book-{n}" for n in range(5)], (POINTS, FLOW, STEPS, BARE, SKIN), strict=True)
    )
    for row in rows:
        start, end = map(int, (row.answer_span or "0-1").split("-"))
        proof = captions[row.pair_id][0][start:end]
        if family(row) in ("factor", "outcome", "subject", "compared"):
            assert row.answer.lower() == f"{proof.lower()}."


def test_figures_can_be_left_out_and_change_no_row_on_skin(ask):
    with_figures = [r for r in ask(POINTS, SKIN, FLOW, SKIN) if r.modality != "other"]
    assert ask(POINTS, SKIN, FLOW, SKIN, other_pictures="none") == with_figures


def test_yes_and_no_on_figures_balance_and_no_row_repeats(ask):
    rows = ask(*[POINTS, FLOW, STEPS, BARE] * 30, closed_share=0.9, choice_share=0.1)
    for name in ("figure_kind", "skin_modality"):
        told = Counter(
            re.match(r"yes|no", r.answer.lower()).group()  # type: ignore[union-attr]
            for r in rows
            if r.kind == "closed" and family(r) == name
        )
        assert abs(told["yes"] - told["no"]) <= 1 and told.total() >= 20
    assert len({(r.question.lower(), r.answer.lower()) for r in rows}) == len(rows)


def test_the_kind_of_figure_is_not_given_away_where_the_modality_is_asked(ask):
    rows = ask(*[FLOW] * 40)
    of_pair: dict[str, list[Qa]] = {}
    for row in rows:
        of_pair.setdefault(row.pair_id, []).append(row)
    asked = [mine for mine in of_pair.values() if "skin_modality" in map(family, mine)]
    assert asked
    for mine in asked:
        assert not [r for r in mine if "flow chart" in r.question or ("figure" in r.question
                    and family(r) != "figure_kind")]  # fmt: skip


def test_a_picture_near_a_section_is_not_called_none_of_the_three(ask):
    rows = ask(("Fluorescence microscopy image of bacteria in a biofilm.", "other"))
    assert "skin_modality" not in map(family, rows)


def test_figure_families_have_forty_phrasings_and_every_class_is_known():
    families = load_phrasings().families
    for name in FIGURE_FAMILIES:
        for form in families[name].forms.values():
            assert len({w.text for w in form.questions}) >= 40, name
    lexicon = load_figure_lexicon()
    for of_class, also in lexicon.may_also_be.items():
        assert also <= set(lexicon.shown), of_class

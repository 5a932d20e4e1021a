from __future__ import annotations

from mmskin_build.memory_context import MemoryContext
from mmskin_build.records import Qa
from mmskin_build.vqa.coverage import coverage, variety
from mmskin_build.vqa.generate import pictures
from mmskin_build.vqa.phrasing import load_phrasings
from mmskin_build.vqa.settings import VqaSettings
from stages.vqa import STAGE
from tests.vqa.conftest import rows_for


def test_coverage_counts_known_and_unknown_words(tmp_path):
    context = MemoryContext(tmp_path)
    context.add(rows_for(0, "Psoriasis. Red plaques with zibbles.", "clinical"))
    context.add(rows_for(1, "Nothing learnt.", "clinical"))
    found = coverage(pictures(context))
    assert (found.captions, found.with_facts) == (2, 1)
    assert found.by_kind == {"disease": 1, "lesion": 1, "colour": 1}
    assert ("zibble", 1) in found.unknown
    assert found.known == found.words - sum(count for _, count in found.unknown)


def test_the_same_wording_about_other_pictures_and_options_counts_once(tmp_path):
    context = MemoryContext(tmp_path)
    for number in range(120):
        context.add(rows_for(number, "Psoriasis. Red plaques on the elbow.", "clinical"))
    context.run(STAGE, VqaSettings())
    rows = list(context.rows(Qa))
    for family in variety(rows):
        asked = {r.question for r in rows if r.template_id.startswith(f"{family.family}.")}
        assert 1 < family.used <= min(len(asked), family.offered)


def test_every_form_of_every_family_offers_forty_phrasings():
    few = {
        (name, kind): len(form.questions)
        for name, family in load_phrasings().families.items()
        for kind, form in family.forms.items()
        if len(form.questions) < 40
    }
    assert few == {}

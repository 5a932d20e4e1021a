import random
import string
from pathlib import Path

import pytest
from scan_maker import line

from mmskin_build.ocr.text_quality import text_problem
from mmskin_build.records import EmbeddedLine

ENGLISH = (
    "A solitary plaque on the forearm had been present for several months before it was removed. "
    "Under the microscope there was a dense infiltrate of lymphocytes around the small vessels. "
    "Most of the patients were treated with a mild ointment and none of them had a relapse."
)
GERMAN = (
    "Die Haut der Unterschenkel war gerötet und zeigte mehrere scharf begrenzte Herde mit feiner "
    "Schuppung, die nach der Behandlung innerhalb weniger Wochen vollständig abgeheilt waren."
)
FRENCH = (
    "La lésion du visage était présente depuis plusieurs années et les bords en étaient nets, "
    "sans ulcération ; après l'exérèse, aucune récidive n'a été observée chez cette patiente."
)
SPANISH = (
    "La paciente presentaba una mancha de color marrón en la espalda que había aumentado de "
    "tamaño durante el último año, sin dolor ni picor, y que fue extirpada con márgenes amplios."
)


def page(text: str, font: str = "Body") -> list[EmbeddedLine]:
    words, lines = text.split(), []
    for start in range(0, len(words), 8):
        lines.append(line(" ".join(words[start : start + 8]), font, number=len(lines)))
    return lines


def shifted(text: str) -> str:
    """What a font without ToUnicode gives: every code 29 too low, blanks gone."""
    return "".join(chr(ord(c) - 29) if c != " " else " " for c in text)


def permuted(text: str, seed: int) -> str:
    letters = list(string.ascii_lowercase)
    random.Random(seed).shuffle(letters)
    return text.lower().translate(str.maketrans(string.ascii_lowercase, "".join(letters)))


@pytest.mark.parametrize("text", [ENGLISH, GERMAN, FRENCH, SPANISH])
@pytest.mark.parametrize("cover", [0.0, 1.0])
def test_prose_of_four_languages_is_usable(text: str, cover: float) -> None:
    assert text_problem(page(text), cover) == ""


@pytest.mark.parametrize(
    "text",
    [
        "BRAF NRAS KIT TP53 CDKN2A PTEN TERT MITF SOX10 MLANA PMEL TYR DCT CD20 CD3 CD4 " * 3,
        "12.4 33.1 (n = 41) 0.07 < 0.001 98 % 4/17 1.2-3.4 mg/kg 10 mm 45 years " * 4,
        "Smith AB, Jones CD, Nguyen EF. J Am Acad Dermatol 2011;64(2):345-52. doi:10.1/x " * 4,
        "ACGTTGCATTAGCCTAGGATCCATTAGCAATTGCCGTA GGATCCATTAGCAATTGCCGTAACGTTGCATTAGC " * 4,
        "E = mc2, x_i = a + b y_i, α < β, ∑ f(x) dx ≥ 0, p(A|B) = p(A) p(B) / 2 " * 3,
    ],
)
def test_tables_genes_references_and_formulas_are_usable(text: str) -> None:
    assert text_problem(page(text), 0.0) == ""


def test_shifted_codes_are_garbled() -> None:
    assert text_problem(page(shifted(ENGLISH)), 0.0) == "garbled"


@pytest.mark.parametrize("seed", range(12))
def test_letters_mapped_at_random_are_garbled(seed: int) -> None:
    assert text_problem(page(permuted(ENGLISH, seed)), 0.0) == "garbled"


@pytest.mark.parametrize("base", [0xE000, 0xF000, 0xFFFD])
def test_private_and_replacement_characters_are_garbled(base: int) -> None:
    step = 0 if base == 0xFFFD else 1
    text = "".join(c if c == " " else chr(base + step * (ord(c) % 200)) for c in ENGLISH)
    assert text_problem(page(text), 0.0) == "garbled"


def test_letters_of_mixed_alphabets_are_garbled() -> None:
    text = "".join(c if i % 3 else chr(0x0410 + ord(c) % 32) for i, c in enumerate(ENGLISH))
    assert text_problem(page(text), 0.0) == "garbled"


def test_one_garbled_font_in_running_text_is_enough() -> None:
    good = page(ENGLISH * 6)
    assert text_problem(good + page(permuted(ENGLISH, 1), "Caption"), 0.0) == "garbled"


def test_garbled_words_inside_a_drawing_do_not_condemn_the_page() -> None:
    labels = [line(shifted(w), "Chart", width=30.0, number=i) for i, w in enumerate(WORDS)]
    assert text_problem(page(ENGLISH * 6) + labels, 0.0) == ""


WORDS = [
    "Control",
    "hours",
    "Relative",
    "intensity",
    "Count",
    "Percentage",
    "Caspase",
    "group",
    "treated",
    "untreated",
]


def test_scripts_other_than_latin_are_left_alone() -> None:
    assert text_problem(page("Кожа больного была покрыта красными пятнами " * 6), 0.0) == ""
    assert text_problem(page("皮膚に赤い斑点があり治療後に消えた " * 10), 0.0) == ""


def test_no_text_and_a_stamp_on_a_scan_are_none() -> None:
    assert text_problem([], 0.3) == "none"
    assert text_problem([line("Library copy 12")], 0.97) == "none"
    assert text_problem([line("Library copy 12")], 0.2) == ""


def test_badly_recognised_layer_over_a_page_raster_is_poor() -> None:
    noisy = "Th1s l3sion w@s r~d and sca|y . ~ on tbe forearm,and nev3r i1ched « much ^ more | "
    assert text_problem(page(noisy * 4), 1.0) == "poor"
    assert text_problem(page(ENGLISH), 1.0) == ""


@pytest.mark.slow
def test_no_born_digital_page_of_the_corpus_is_condemned(corpus: Path, tmp_path: Path) -> None:
    from mmskin_build.memory_context import MemoryContext
    from mmskin_build.pdf.settings import ExtractSettings
    from mmskin_build.records import EmbeddedPage, Source
    from stages.extract import STAGE

    found = []
    for pdf in sorted((corpus / "papers" / "pdfs").glob("*.pdf")):
        context = MemoryContext(tmp_path, [Source(pdf.stem, str(pdf), "0" * 64)])
        context.run(STAGE, ExtractSettings())
        found += [p for p in context.rows(EmbeddedPage) if p.text_problem in ("garbled", "poor")]
    assert not found


JAPANESE = "図1 顔面のSLEにおける蝶形紅斑とDLEのプラーク。CD4とCD8のTリンパ球を確認した。"
RUSSIAN = "Рисунок 2. Псориаз на локтевом сгибе, видна бляшка с чешуйками; лечение UVB и PUVA. "


@pytest.mark.parametrize("text", [JAPANESE, RUSSIAN, "피부 생검 결과 SLE 환자의 紅斑 소견. "])
def test_other_alphabets_with_latin_abbreviations_are_no_garble(text: str) -> None:
    assert text_problem(page(text * 20), 0.0) == ""

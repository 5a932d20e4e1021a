import pytest

from mmskin_build.align.prose import Vocabulary, join_lines


def vocabulary(*lines: str) -> Vocabulary:
    words = Vocabulary()
    words.learn(lines)
    return words


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["papulo-", "squamous"], "papulosquamous"),
        (["well-", "demarcated plaque"], "well-demarcated plaque"),
        (["soft\u00ad", "hyphen"], "softhyphen"),
        (["ery‐", "thema"], "erythema"),
        (["ﬁne scale of the", "ﬂexures"], "fine scale of the flexures"),
        (["aged 20–", "30 years"], "aged 20–30 years"),
        (["anti-", "PD1 therapy"], "anti-PD1 therapy"),
        (["one ", "", " two"], "one two"),
    ],
)
def test_lines_become_running_text(lines: list[str], text: str) -> None:
    book = vocabulary("a well-demarcated lesion", "erythema of the skin")
    assert join_lines(lines, book) == text


def test_the_book_decides_about_hyphens() -> None:
    both = ["follow-", "up"]
    assert join_lines(both, vocabulary("at follow-up the")) == "follow-up"
    assert join_lines(both, vocabulary("the followup was")) == "followup"

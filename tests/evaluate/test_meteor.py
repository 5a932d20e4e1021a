from __future__ import annotations

from pathlib import Path

import pytest

from mmskin_build.evaluate.meteor import find_meteor

pytest.importorskip("nltk")
HEAD = "  1 This software and database is being provided to you\n"
# Two noun synonyms in one set, written in WordNet's own file format.
DATA = "00000055 05 n 02 spot 0 mark 0 000 | a blemish  \n"
INDEX = "mark n 1 0 1 1 00000055  \nspot n 1 0 1 1 00000055  \n"


def dictionary(folder: Path) -> str:
    """A dictionary of one synonym, in the layout of Debian's wordnet-base."""
    data = HEAD.ljust(54)[:54] + "\n" + DATA
    for part in ("noun", "verb", "adj", "adv"):
        (folder / f"data.{part}").write_text(data if part == "noun" else HEAD)
        (folder / f"index.{part}").write_text(INDEX if part == "noun" else HEAD)
        (folder / f"{part}.exc").write_text("")
    return str(folder)


def test_synonyms_count_as_matches(tmp_path: Path) -> None:
    meteor = find_meteor(dictionary(tmp_path))
    assert meteor is not None
    same, synonym = meteor("a red mark", "a red mark"), meteor("a red spot", "a red mark")
    other = meteor("a red dog", "a red mark")
    assert same == synonym
    assert 0 < other < same


def test_on_the_real_wordnet_the_figures_are_nltks_own() -> None:
    meteor = find_meteor()
    if meteor is None:
        pytest.skip("no WordNet on this machine: apt-get install wordnet-base")
    assert meteor("a brown mark", "a brown mark") > 0.9
    # "spot" and "patch" share a WordNet synset; "spot" and "nail" do not.
    assert meteor("a brown spot", "a brown patch") > meteor("a brown nail", "a brown patch")
    # Matches 2 of 3 in one run: P = R = 2/3, F = 2/3, penalty 0.5 * (1/2)^3.
    assert meteor("a brown nail", "a brown patch") == pytest.approx(2 / 3 * (1 - 0.5 / 8))


def test_no_dictionary_no_meteor(tmp_path: Path) -> None:
    assert find_meteor(str(tmp_path)) is None

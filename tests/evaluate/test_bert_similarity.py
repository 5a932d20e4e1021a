from __future__ import annotations

from pathlib import Path

import pytest

from mmskin_build.errors import ConfigError
from mmskin_build.evaluate.bert_similarity import load_bert

pytest.importorskip("peft")
import torch
import transformers

VOCABULARY = "[PAD] [UNK] [CLS] [SEP] [MASK] a red blue mark is on the left arm no yes"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("bert")
    (path / "vocab.txt").write_text(VOCABULARY.replace(" ", "\n"), encoding="utf-8")
    tokenizer = transformers.BertTokenizerFast(str(path / "vocab.txt"), model_max_length=64)
    tokenizer.save_pretrained(path)
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    config = transformers.BertConfig(
        vocab_size=len(VOCABULARY.split()), intermediate_size=16, **sizes
    )
    transformers.BertModel(config).save_pretrained(path)
    return str(path)


def test_the_same_text_scores_one_and_no_text_scores_nothing(folder: str) -> None:
    score = load_bert(folder, 1)
    assert score is not None
    found = score(["a red mark", "", "a mark"], [" a red mark ", "a mark", ""])
    assert found[0].tolist() == pytest.approx([1, 1, 1], abs=1e-5)
    assert found[1:].tolist() == [[0, 0, 0], [0, 0, 0]]


def test_what_is_left_out_lowers_recall_more_than_precision(folder: str) -> None:
    score = load_bert(folder, 1)
    assert score is not None
    ((precision, recall, f1),) = score(["a red mark"], ["a red mark is on the left arm"])
    assert recall < precision
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall))


def test_scores_do_not_depend_on_the_other_rows(folder: str) -> None:
    score = load_bert(folder, 2)
    assert score is not None
    alone = score(["a red mark"], ["no mark"])[0]
    among = score(["yes", "a red mark"], ["the left arm is blue is blue", "no mark"])[1]
    assert among.tolist() == pytest.approx(alone.tolist(), abs=1e-5)


def test_long_answers_are_cut_where_the_model_ends(folder: str) -> None:
    score = load_bert(folder, 1)
    assert score is not None
    long = " ".join(["a red mark"] * 400)
    assert score([long], [long + " no"])[0].tolist() == pytest.approx([1, 1, 1], abs=1e-5)


def test_figures_are_the_packages(folder: str) -> None:
    package = pytest.importorskip("bert_score")
    predicted = ["a red mark", "no", "the left arm is blue", "yes a mark"]
    reference = ["a blue mark", "yes", "a mark is on the left arm", "no mark"]
    expected = package.score(predicted, reference, model_type=folder, num_layers=2)
    score = load_bert(folder, 2)
    assert score is not None
    found = score(predicted, reference)
    for column, values in enumerate(expected):
        assert found[:, column].tolist() == pytest.approx(values.tolist(), abs=1e-5)


def test_a_model_that_is_not_there_is_an_error(folder: str, tmp_path: Path) -> None:
    assert load_bert("", 9) is None
    with pytest.raises(ConfigError, match="no layer 9"):
        load_bert(folder, 9)
    with pytest.raises(ConfigError, match="could not be loaded"):
        load_bert(str(tmp_path / "nowhere"), 9)

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from mmskin_build.errors import MissingDependencyError
from mmskin_build.train.base import load_base
from mmskin_build.train.run_card import RunCard
from mmskin_build.train.settings import BaseSettings, TrainSettings

CARD = RunCard(
    base="base", base_revision="", notice="", prompt="", data="d", data_digest="0", train_rows=1,
    train_images=1, validation_rows=0, seed=1, steps=1, first_loss=1.0, last_loss=1.0,
    validation_loss=None, trainable_parameters=10**9, total_parameters=8 * 10**9, seconds=1.0,
    tokens_per_second=3120.0, device="NVIDIA A100-SXM4-80GB", peak_memory_mb=1.0,
    settings=TrainSettings().as_dict(),
)  # fmt: skip


def test_the_share_counts_frozen_weights_less_and_divides_by_cards() -> None:
    # 3,120 tokens/s * (4 * 8e9 + 2 * 1e9) operations = 106.08e12 of 312e12
    assert CARD.model_flop_utilisation == pytest.approx(0.34)
    assert replace(CARD, processes=2).model_flop_utilisation == pytest.approx(0.17)
    assert "34.0% (estimate)" in CARD.as_markdown()


def test_no_share_is_claimed_for_an_unknown_device_or_packed_weights() -> None:
    packed = TrainSettings(base=BaseSettings(four_bit=True)).as_dict()
    assert replace(CARD, device="CPU").model_flop_utilisation is None
    assert replace(CARD, settings=packed).model_flop_utilisation is None


def test_a_card_written_before_processes_were_counted_still_loads(tmp_path: Path) -> None:
    CARD.save(tmp_path)
    card = tmp_path / "run_card.json"
    card.write_text(card.read_text().replace('"processes": 1,\n', ""))
    assert RunCard.load(tmp_path) == CARD


def test_four_bits_without_bitsandbytes_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("transformers")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match="pip install bitsandbytes"):
        load_base(str(tmp_path), BaseSettings(four_bit=True))

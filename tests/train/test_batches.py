from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from mmskin_build.errors import ConfigError
from mmskin_build.train.batches import Collator, RowDataset
from mmskin_build.train.examples import Example, Turn
from mmskin_build.train.image_bank import ImageBank
from mmskin_build.train.images import ImageTransform
from mmskin_build.train.prompt import IGNORED, TokenRow

transformers = pytest.importorskip("transformers")


def row(length: int, taught: bool = True, image: str = "") -> TokenRow:
    label = 7 if taught else IGNORED
    example = Example(f"r{length}", image, (Turn("q", "a"),))
    return TokenRow(example, (7,) * length, (IGNORED,) * (length - 1) + (label,))


def collator(folder: Path) -> Collator:
    processor = transformers.CLIPImageProcessorPil(
        size={"shortest_edge": 8}, crop_size={"height": 8, "width": 8}
    )
    bank = ImageBank(folder)
    Image.new("RGB", (4, 4)).save(folder / "a.png")
    bank.add_file(folder / "a.png", "row")
    return Collator(0, ImageTransform(processor, bank))


def test_rows_are_padded_and_padding_is_neither_seen_nor_taught(tmp_path: Path) -> None:
    rows = RowDataset([row(2), row(4)])
    batch = collator(tmp_path)([rows[0], rows[1]])
    assert batch["input_ids"].tolist() == [[7, 7, 0, 0], [7, 7, 7, 7]]
    assert batch["attention_mask"].tolist() == [[1, 1, 0, 0], [1, 1, 1, 1]]
    assert batch["labels"].tolist() == [[-100, 7, -100, -100], [-100, -100, -100, 7]]
    assert "pixel_values" not in batch


def test_pictures_of_a_mixed_batch_are_stacked(tmp_path: Path) -> None:
    make = collator(tmp_path)
    (digest,) = make._transform._bank._paths
    rows = RowDataset([row(2, image=digest), row(3), row(4, image=digest)])
    assert make([rows[0], rows[1], rows[2]])["pixel_values"].shape == (2, 3, 8, 8)


def test_a_first_batch_without_anything_to_learn_is_an_error(tmp_path: Path) -> None:
    rows = RowDataset([row(3), row(2, taught=False)])
    with pytest.raises(ConfigError, match="all labels of the first batch are masked"):
        collator(tmp_path)([rows[1]])


def test_no_rows_and_rows_without_labels_are_errors() -> None:
    with pytest.raises(ConfigError, match="no training rows"):
        RowDataset([])
    with pytest.raises(ConfigError, match="every label is masked"):
        RowDataset([row(2, taught=False)])

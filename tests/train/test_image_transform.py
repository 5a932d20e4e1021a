from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmskin_build.train.image_bank import ImageBank
from mmskin_build.train.images import ImageTransform, pad_to_square

transformers = pytest.importorskip("transformers")


def wide() -> Image.Image:
    image = Image.new("RGB", (80, 20), (255, 0, 0))
    image.putpixel((0, 0), (0, 0, 255))
    image.putpixel((79, 19), (0, 255, 0))
    return image


def test_padding_keeps_every_pixel_in_the_middle() -> None:
    square = pad_to_square(wide(), (1, 2, 3))
    assert square.size == (80, 80)
    assert square.crop((0, 30, 80, 50)).tobytes() == wide().tobytes()
    assert square.getpixel((0, 0)) == (1, 2, 3)


def test_the_padding_colour_is_the_mean_the_tower_expects() -> None:
    processor = transformers.CLIPImageProcessorPil(
        size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}
    )
    pixels = ImageTransform(processor, ImageBank(Path("unused"))).pixels(wide()).numpy()
    assert pixels.shape == (3, 16, 16)
    assert np.abs(pixels[:, 0, :]).max() < 0.02  # mean colour is zero after normalisation
    assert np.abs(pixels[0, 8, :]).min() > 1  # the whole width of the picture is there


def test_prepared_pictures_are_kept_within_the_memory_given(tmp_path: Path) -> None:
    bank = ImageBank(tmp_path)
    wide().save(tmp_path / "a.png")
    digest = bank.add_file(tmp_path / "a.png", "row 1")
    processor = transformers.CLIPImageProcessorPil(
        size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}
    )
    kept, fresh = ImageTransform(processor, bank, 1), ImageTransform(processor, bank, 0)
    assert kept(digest) is kept(digest)
    assert fresh(digest) is not fresh(digest)
    assert bool((kept(digest) == fresh(digest)).all())

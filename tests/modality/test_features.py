from __future__ import annotations

import random

import cv2
import numpy as np
import pytest

from mmskin_build.modality.augment import bookish
from mmskin_build.modality.description import BLOCKS, describe
from mmskin_build.modality.drawings import draw
from mmskin_build.modality.elsewhere import elsewhere
from mmskin_build.modality.features import measure
from mmskin_build.modality.working_image import decode, to_bgr, without_margins
from mmskin_build.records import Modality


def blotches(seed: int = 1, size: tuple[int, int] = (200, 260)) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    return cv2.resize(noise, size[::-1], interpolation=cv2.INTER_CUBIC)


ODD = {
    "one pixel": np.zeros((1, 1, 3), np.uint8),
    "a line": np.full((1, 900, 3), 7, np.uint8),
    "a strip": np.full((3000, 2, 3), 200, np.uint8),
    "white": np.full((50, 50, 3), 255, np.uint8),
    "black": np.zeros((300, 300, 3), np.uint8),
    "large": np.full((2000, 2000, 3), 90, np.uint8),
}


@pytest.mark.parametrize("name", ODD)
def test_every_picture_gets_the_same_finite_measurements(name: str) -> None:
    told = measure(ODD[name])
    assert list(told) == list(measure(blotches()))
    assert np.isfinite(list(told.values())).all()


def test_description_is_as_long_as_its_blocks_say() -> None:
    vector = describe(blotches())
    parts = [vector[block] for block in BLOCKS]
    assert len(parts[0]) == len(measure(blotches()))
    assert np.array_equal(np.concatenate(parts), vector)


def test_a_logo_in_the_corner_hardly_counts() -> None:
    image = cv2.resize(blotches(), (640, 480))
    marked = image.copy()
    cv2.rectangle(marked, (20, 420), (110, 465), (255, 255, 255), -1)
    plain, logo, other = (np.array(list(measure(x).values())) for x in (image, marked, blotches(9)))
    scale = np.abs(plain) + np.abs(other) + 0.05
    gap = np.median(np.abs(plain - logo) / scale)
    assert gap < 0.2 * np.median(np.abs(plain - other) / scale)


def test_plain_margins_are_cut() -> None:
    framed = cv2.copyMakeBorder(blotches(), 20, 20, 30, 30, cv2.BORDER_CONSTANT, value=(255,) * 3)
    assert without_margins(framed).shape == blotches().shape


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_decoding_any_depth_and_channels(suffix: str) -> None:
    for image in (blotches(), blotches()[:, :, 0]):
        done, data = cv2.imencode(suffix, image)
        assert done
        back = decode(data.tobytes())
        assert back is not None
        assert (back.shape, back.dtype) == ((200, 260, 3), np.uint8)


def test_transparency_lies_over_white_and_deep_pictures_are_reduced() -> None:
    clear = np.zeros((4, 4, 4), np.uint8)
    assert to_bgr(clear).min() == 255
    deep = np.full((4, 4), 65535, np.uint16)
    assert to_bgr(deep).tolist() == np.full((4, 4, 3), 255).tolist()


@pytest.mark.parametrize("data", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n"])
def test_unreadable_bytes_are_none(data: bytes) -> None:
    assert decode(data) is None


def test_bookish_versions_depend_on_the_seed_only() -> None:
    first, again, other = (bookish(blotches(), random.Random(s)) for s in ("a", "a", "b"))
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)


@pytest.mark.parametrize("kind", list(Modality))
def test_pictures_from_elsewhere_depend_on_the_seed_only(kind: Modality) -> None:
    first, again = (elsewhere(blotches(), kind, random.Random("a")) for _ in range(2))
    if kind == Modality.OTHER:
        assert first is None
        return
    assert first is not None and again is not None
    assert np.array_equal(first, again)
    assert first.shape != blotches().shape or not np.array_equal(first, blotches())


def test_drawings_depend_on_the_seed_only() -> None:
    assert np.array_equal(draw("x3"), draw("x3"))
    assert len({draw(f"x{i}").tobytes() for i in range(20)}) == 20

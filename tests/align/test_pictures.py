from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pytest
from page_maker import Maker, pairs_of, photo

from mmskin_build.align.settings import AlignSettings
from mmskin_build.records import Pair

CAPTION = "Erythema of the trunk with fine scale."


def stored(maker: Maker, folder: Path, **settings: object) -> tuple[Pair, np.ndarray, str]:
    """Return the one row, its picture and how it was made."""
    context = maker.pair(folder, AlignSettings(**settings))
    (row,) = pairs_of(context)
    data = np.frombuffer(context.images.read(row.image_digest), np.uint8)
    pixels = cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    assert pixels.shape[:2] == (row.height_px, row.width_px)
    return row, pixels, row.evidence[-1]


def one_figure(image: bytes | None = None) -> Maker:
    maker = Maker()
    maker.new_page()
    box = pymupdf.Rect(90, 60, 390, 260)
    maker.page.insert_image(box, stream=image or photo(5), keep_proportion=False)
    maker.set((90, 266, 300), "Figure 1.", CAPTION)
    maker.body(maker.body(300))
    return maker


def shown(folder: Path, box: tuple[float, ...] = (90, 60, 390, 260)) -> np.ndarray:
    """Return the figure as a viewer draws it, 30 pixels wide and 20 high."""
    with pymupdf.open(folder / "book.pdf") as document:
        pixmap = document[0].get_pixmap(dpi=72, clip=pymupdf.Rect(box))
        pixels = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.h, pixmap.w, 3)
        return cv2.resize(pixels, (30, 20), interpolation=cv2.INTER_AREA)


def alike(pixels: np.ndarray, seen: np.ndarray) -> bool:
    small = cv2.resize(pixels, (30, 20), interpolation=cv2.INTER_AREA)
    difference = np.abs(small.astype(float) - seen.astype(float))[1:-1, 1:-1]
    return float(difference.mean()) < 6


def test_plain_picture_keeps_its_stored_pixels(tmp_path: Path) -> None:
    _, pixels, how = stored(one_figure(), tmp_path)
    assert how == "picture: stored bytes"
    assert pixels.shape == (60, 90, 3)
    assert alike(pixels, shown(tmp_path))


def test_jpeg_bytes_are_copied_unchanged(tmp_path: Path) -> None:
    jpeg = bytes(pymupdf.Pixmap(photo(6)).tobytes("jpg", jpg_quality=80))
    maker = one_figure(jpeg)
    context = maker.pair(tmp_path, AlignSettings())
    (row,) = pairs_of(context)
    with pymupdf.open(tmp_path / "book.pdf") as document:
        raw = document.xref_stream_raw(document[0].get_images()[0][0])
    assert context.images.read(row.image_digest) == raw


def test_a_jpeg_that_says_it_is_smaller_than_it_is_is_drawn(tmp_path: Path) -> None:
    image = cv2.imdecode(np.frombuffer(photo(5), np.uint8), cv2.IMREAD_COLOR)
    large = cv2.resize(image, (1500, 1000))
    maker = one_figure(cv2.imencode(".jpg", large)[1].tobytes())
    xref = maker.page.get_images()[0][0]
    for key, value in (("Width", "150"), ("Height", "100")):
        maker.document.xref_set_key(xref, key, value)
    _, pixels, how = stored(maker, tmp_path)
    assert "drawn" in how
    assert alike(pixels, shown(tmp_path))


def test_arrow_on_a_picture_is_drawn(tmp_path: Path) -> None:
    maker = one_figure()
    maker.page.draw_line((150, 100), (250, 200), color=(1, 1, 0), width=4)
    _, pixels, how = stored(maker, tmp_path)
    assert how == "picture: drawn at 200 dpi"
    assert pixels.shape[1] == pytest.approx(300 * 200 / 72, abs=3)
    assert alike(pixels, shown(tmp_path))


def test_turned_picture_looks_like_the_page(tmp_path: Path) -> None:
    maker = Maker()
    maker.new_page()
    box = pymupdf.Rect(90, 60, 290, 260)
    maker.page.insert_image(box, stream=photo(7, 60, 60), rotate=90)
    maker.set((90, 266, 300), "Figure 1.", CAPTION)
    maker.body(300)
    _, pixels, _ = stored(maker, tmp_path)
    assert alike(pixels, shown(tmp_path, tuple(box)))


def test_soft_mask_is_applied(tmp_path: Path) -> None:
    maker = Maker()
    maker.new_page()
    mask = np.zeros((60, 90), np.uint8)
    mask[:, :45] = 255
    mask_png = pymupdf.Pixmap(pymupdf.csGRAY, 90, 60, mask.tobytes(), False).tobytes("png")
    maker.page.insert_image(
        pymupdf.Rect(90, 60, 390, 260), stream=photo(8), mask=mask_png, keep_proportion=False
    )
    maker.set((90, 266, 300), "Figure 1.", CAPTION)
    maker.body(300)
    _, pixels, how = stored(maker, tmp_path)
    assert how.startswith("picture: drawn")
    assert pixels[:, -20:].min() > 240


def test_picture_on_a_rotated_page(tmp_path: Path) -> None:
    maker = one_figure()
    maker.page.set_rotation(90)
    row, pixels, _ = stored(maker, tmp_path)
    assert row.bbox[0] == pytest.approx(700 - 260, abs=1)
    assert alike(pixels, shown(tmp_path, row.bbox))


def test_pixel_budget_lowers_the_resolution(tmp_path: Path) -> None:
    maker = one_figure()
    maker.page.draw_line((150, 100), (250, 200), color=(1, 1, 0), width=4)
    row, _, _ = stored(maker, tmp_path, max_pixels=20_000)
    assert row.width_px * row.height_px <= 21_000


def test_an_image_that_claims_to_be_huge_is_not_decoded(tmp_path: Path) -> None:
    maker = one_figure()
    xref = maker.page.get_images()[0][0]
    for key in ("Width", "Height"):
        maker.document.xref_set_key(xref, key, "30000")
    context = maker.pair(tmp_path, AlignSettings())
    assert not pairs_of(context)
    (reject,) = context.rejects
    assert reject.reason == "image_unreadable"
    assert "900 million pixels" in reject.detail


def test_blank_picture_is_rejected(tmp_path: Path) -> None:
    white = pymupdf.Pixmap(pymupdf.csRGB, 40, 30, b"\xff" * 3600, False).tobytes("png")
    maker = one_figure(bytes(white))
    maker.page.draw_line((90, 60), (90, 61), color=(1, 1, 1), width=4)
    context = maker.pair(tmp_path, AlignSettings())
    reasons = [reject.reason for reject in context.rejects]
    assert pairs_of(context) or "image_unreadable" in reasons

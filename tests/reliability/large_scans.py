"""Honest pages of extreme size: a museum's scan of a poster, not a bomb."""

from __future__ import annotations

import zlib

import pymupdf


def large_scan(side_pt: int, dpi: int, colour: bool = False) -> pymupdf.Document:
    """A square page under one white picture of that resolution, 1 bit or 24 bits per pixel."""
    document = pymupdf.open()
    page = document.new_page(width=side_pt, height=side_pt)
    page.insert_image(page.rect, stream=_dot())
    side = side_pt * dpi // 72
    xref = page.get_images()[0][0]
    row = b"\xff" * (side * 3 if colour else (side + 7) // 8)
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    document.update_object(
        xref,
        f"<</Type/XObject/Subtype/Image/Width {side}/Height {side}/Filter/FlateDecode"
        f"/ColorSpace/{'DeviceRGB' if colour else 'DeviceGray'}"
        f"/BitsPerComponent {8 if colour else 1}>>",
    )
    document.update_stream(xref, data, compress=False)
    document.xref_set_key(xref, "Filter", "/FlateDecode")
    return document


def _dot() -> bytes:
    dot = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 1, 1), False)
    dot.clear_with(0)
    return bytes(dot.tobytes("png"))

"""Draws marks on clean pictures as publishers do, to train the detector with known truth."""

from __future__ import annotations

import functools
import io
import math
import random
from dataclasses import dataclass, field
from typing import cast

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]
INKS: tuple[Colour, ...] = (
    (0, 0, 0), (0, 0, 0), (255, 255, 255), (255, 255, 255), (255, 255, 0), (255, 235, 0),
    (230, 0, 0), (255, 30, 20), (0, 90, 220), (0, 170, 60), (255, 130, 0), (0, 200, 230),
    (40, 40, 40), (235, 235, 235), (200, 0, 120),
)  # fmt: skip
FONTS = ("helv", "hebo", "tiro", "tibo", "cour", "cobo")  # PyMuPDF carries them
WORDS = (
    "epidermis", "dermis", "granuloma", "keratin", "hair follicle", "A", "B", "C", "a", "b", "D",
    "(a)", "(b)", "*", "1", "2", "E", "Fig", "50 µm", "100 µm", "1 cm", "20x", "5 mm", "cyst",
    "12:03 PM", "2009/04/17", "29.11.2011", "nodule", "left", "before", "after", "Day 12", "x200",
    "erosion", "tumour cells", "vessel", "CD8 cell", "ID 40213", "→", "N", "Ep", "De", "scale",
)  # fmt: skip


@dataclass(slots=True)
class Canvas:
    """A picture, the marks drawn on it, and where they are."""

    picture: Image.Image
    random: random.Random
    marked: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        """Start without marks."""
        self.marked = Image.new("L", self.picture.size, 0)

    @property
    def unit(self) -> float:
        """A length to which marks scale."""
        return max(self.picture.size) / 100

    def spot(self, margin: float = 0.08) -> Point:
        """Return a random place away from the edges."""
        width, height = self.picture.size
        pick = self.random.uniform
        return pick(margin, 1 - margin) * width, pick(margin, 1 - margin) * height

    def strokes(self, ink: Colour) -> tuple[tuple[ImageDraw.ImageDraw, Colour], ...]:
        """Return a pen for the picture in that ink, and one for the truth in white."""
        return (
            (ImageDraw.Draw(self.picture), ink),
            (ImageDraw.Draw(self.marked), cast("Colour", 255)),
        )


@functools.lru_cache(maxsize=256)
def font_of(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Return one of FONTS in a size in pixels."""
    import pymupdf

    return ImageFont.truetype(io.BytesIO(pymupdf.Font(name).buffer), size)


def draw_arrow(canvas: Canvas, ink: Colour) -> None:
    """Draw an arrow with a filled, open or line head, or a bare arrow head."""
    pick = canvas.random
    tip, angle = canvas.spot(), pick.uniform(0, 2 * math.pi)
    length = canvas.unit * pick.uniform(5, 24)
    head = canvas.unit * pick.uniform(1.6, 4.5)
    wide = max(1, round(canvas.unit * pick.uniform(0.3, 1.0)))
    back = (tip[0] - length * math.cos(angle), tip[1] - length * math.sin(angle))
    neck = (tip[0] - head * 0.8 * math.cos(angle), tip[1] - head * 0.8 * math.sin(angle))
    opening = pick.uniform(0.3, 0.6)
    wings = [
        (
            tip[0] - head * math.cos(angle + s * opening),
            tip[1] - head * math.sin(angle + s * opening),
        )
        for s in (-1, 1)
    ]
    style = pick.choice(("filled", "filled", "filled", "line", "head"))
    outline = pick.random() < 0.25
    for pen, colour in canvas.strokes(ink):
        edge = (255 - ink[0],) * 3 if colour is ink else colour
        if style == "line":
            pen.line([back, tip], fill=colour, width=wide)
            for wing in wings:
                pen.line([wing, tip], fill=colour, width=wide)
            continue
        if outline:
            pen.line([back, neck], fill=edge, width=wide + 2)
            pen.polygon([tip, *wings], fill=edge)
        if style == "filled":
            pen.line([back, neck], fill=colour, width=wide)
        pen.polygon([tip, *wings], fill=colour, outline=edge if outline else colour)


def draw_words(canvas: Canvas, ink: Colour) -> None:
    """Write a letter, a label or a date, sometimes in a box of its own."""
    pick = canvas.random
    text = pick.choice(WORDS)
    size = max(8, round(canvas.unit * pick.uniform(2.2, 8 if len(text) < 3 else 4.5)))
    font = font_of(pick.choice(FONTS), size)
    width, height = canvas.picture.size
    box = font.getbbox(text)
    if pick.random() < 0.5:  # a corner is where letters usually stand
        x = pick.choice((canvas.unit, width - box[2] - canvas.unit))
        y = pick.choice((canvas.unit, height - box[3] - canvas.unit))
    else:
        x, y = pick.uniform(0, max(1, width - box[2])), pick.uniform(0, max(1, height - box[3]))
    boxed = pick.random() < 0.25
    for pen, colour in canvas.strokes(ink):
        if boxed:
            paper = (255 - ink[0] // 128 * 255,) * 3 if colour is ink else colour
            pad = size * 0.25
            pen.rectangle(
                [x + box[0] - pad, y + box[1] - pad, x + box[2] + pad, y + box[3] + pad], fill=paper
            )
        pen.text((x, y), text, fill=colour, font=font)


def draw_outline(canvas: Canvas, ink: Colour) -> None:
    """Draw a circle, an ellipse or a box around something."""
    pick = canvas.random
    x, y = canvas.spot(0.2)
    a, b = canvas.unit * pick.uniform(4, 20), canvas.unit * pick.uniform(4, 20)
    wide = max(1, round(canvas.unit * pick.uniform(0.25, 0.8)))
    round_shape = pick.random() < 0.6
    for pen, colour in canvas.strokes(ink):
        shape = pen.ellipse if round_shape else pen.rectangle
        shape([x - a, y - b, x + a, y + b], outline=colour, width=wide)


def draw_scale_bar(canvas: Canvas, ink: Colour) -> None:
    """Draw a bar with or without end ticks and its length."""
    pick = canvas.random
    width, height = canvas.picture.size
    length, wide = (
        canvas.unit * pick.uniform(8, 25),
        max(1, round(canvas.unit * pick.uniform(0.2, 1))),
    )
    x = pick.choice((0.05 * width, 0.95 * width - length))
    y = pick.choice((0.08, 0.9, 0.95)) * height
    font = font_of("helv", max(8, round(canvas.unit * pick.uniform(2.2, 4))))
    text = pick.choice(("50 µm", "100 µm", "1 cm", "20 µm", "5 mm", "200 nm", ""))
    ticks = pick.random() < 0.3
    for pen, colour in canvas.strokes(ink):
        pen.line([(x, y), (x + length, y)], fill=colour, width=wide)
        for end in (x, x + length) if ticks else ():
            pen.line([(end, y - 4 * wide), (end, y + 4 * wide)], fill=colour, width=wide)
        if text:
            pen.text((x, y - font.size * 1.4), text, fill=colour, font=font)


def draw_leader(canvas: Canvas, ink: Colour) -> None:
    """Draw a thin line from a word to what it names."""
    pick = canvas.random
    start, end = canvas.spot(), canvas.spot()
    wide = max(1, round(canvas.unit * pick.uniform(0.15, 0.4)))
    font = font_of(pick.choice(FONTS), max(8, round(canvas.unit * pick.uniform(2.2, 4))))
    text = pick.choice([w for w in WORDS if len(w) > 3])
    for pen, colour in canvas.strokes(ink):
        pen.line([start, end], fill=colour, width=wide)
        pen.text(end, text, fill=colour, font=font)


MARKS = (draw_arrow, draw_arrow, draw_words, draw_words, draw_outline, draw_scale_bar, draw_leader)


def annotate(image: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a BGR picture with drawn marks and the mask of where they are."""
    pick = random.Random(seed)
    canvas = Canvas(Image.fromarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)), pick)
    ink = pick.choice(INKS)
    for _ in range(pick.choice((1, 1, 1, 2, 2, 3))):
        pick.choice(MARKS)(canvas, ink)
        if pick.random() < 0.4:
            ink = pick.choice(INKS)
    return as_bgr(canvas.picture), np.asarray(canvas.marked) > 0


def watermark(image: np.ndarray, seed: int) -> np.ndarray:
    """Return a picture with a publisher's light logo and name in a corner: not an annotation."""
    pick = random.Random(seed)
    base = Image.fromarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
    width, height = base.size
    unit = max(base.size) / 100
    layer = Image.new("L", base.size, 0)
    pen = ImageDraw.Draw(layer)
    names = ("Dermatlas", "SkinAtlas", "MedPix", "DermArchive", "www.skinpictures.org", "Clinic X")
    font = font_of(pick.choice(FONTS), max(8, round(unit * pick.uniform(2, 5))))
    name = pick.choice(names)
    box = font.getbbox(name)
    x = pick.choice((unit * 3, width - box[2] - unit * 3))
    y = height - box[3] - unit * pick.uniform(2, 6)
    pen.text((x, y), name, fill=255, font=font)
    if pick.random() < 0.7:
        radius, middle = unit * pick.uniform(5, 9), x + box[2] / 2
        top = y - 2.3 * radius
        for stripe in range(pick.randint(4, 9)):
            level = top + stripe * radius / 4
            pen.arc(
                [middle - radius, level, middle + radius, level + radius],
                20,
                160,
                255,
                round(unit * 0.7),
            )
        tag = font_of("helv", max(7, round(unit * 1.6)))
        pen.text((x, y + box[3] + 1), "all about skin pictures", fill=255, font=tag)
    strength = pick.choice((255, 255, 180, 110))
    layer = layer.point([v * strength // 255 for v in range(256)])
    base.paste(Image.new("RGB", base.size, (255, 255, 255)), (0, 0), layer)
    return as_bgr(base)


def as_bgr(picture: Image.Image) -> np.ndarray:
    """Return a Pillow picture as BGR pixels."""
    return np.asarray(cv2.cvtColor(np.asarray(picture.convert("RGB")), cv2.COLOR_RGB2BGR))


def frame(image: np.ndarray, pick: random.Random) -> np.ndarray:
    """Return the picture as cut out of a page: rounded corners, a rule, a sliver of paper."""
    height, width = image.shape[:2]
    paper = pick.choice(((255, 255, 255), (255, 255, 255), (240, 250, 255), (0, 0, 0)))
    style = pick.choice(("rounded", "rule", "sliver"))
    if style == "rounded":
        radius = round(min(height, width) * pick.uniform(0.02, 0.12))
        inside = Image.new("L", (width, height), 0)
        box = (0, 0, width - 1, height - 1)
        ImageDraw.Draw(inside).rounded_rectangle(box, radius, fill=255)
        return np.where(np.asarray(inside)[..., None] > 0, image, np.array(paper, np.uint8))
    image = image.copy()
    if style == "rule":
        ink = pick.choice(((0, 0, 0), (128, 128, 128), (200, 200, 200)))
        cv2.rectangle(image, (0, 0), (width - 1, height - 1), ink, pick.randint(1, 3))
        return image
    for side in range(4):
        if pick.random() < 0.5:
            turned = np.rot90(image, side)
            turned[: pick.randint(1, 6)] = paper
    return image


def reprint(image: np.ndarray, seed: int) -> np.ndarray:
    """Return the picture as a book holds it: another size, JPEG, sometimes grey or framed."""
    pick = random.Random(seed)
    side = pick.choice((180, 240, 320, 450, 560, 680))
    scale = side / max(image.shape[:2])
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if pick.random() < 0.15:
        image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if pick.random() < 0.3:
        image = frame(image, pick)
    if pick.random() < 0.7:
        quality = [cv2.IMWRITE_JPEG_QUALITY, pick.randint(55, 95)]
        _, data = cv2.imencode(".jpg", image, quality)
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))
    return np.asarray(image)

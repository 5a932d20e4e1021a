"""A sample book as written in its YAML file: chapters of text, figures, tables and tips."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

from mmskin_build.sample.clinical import Clinical
from mmskin_build.sample.dermoscopy import Dermoscopy
from mmskin_build.sample.histology import Histology

Drawing = Clinical | Dermoscopy | Histology
_KINDS = {"clinical": Clinical, "dermoscopy": Dermoscopy, "histology": Histology}


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """One picture: what is drawn, and how the copy in this book was prepared.

    Attributes:
        name: seeds the drawing; the same name and drawing give the same pixels.
        drawing: what it shows.
        crop: share of width and height kept, around the middle.
        scale: share of the pixels kept.
        arrow: whether an arrow is painted on it.
    """

    name: str
    drawing: Drawing
    crop: float = 1.0
    scale: float = 1.0
    arrow: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; a boxed tip when ``tip``."""

    text: str
    tip: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of words; the first row is its head."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One or more pictures, or a chart, with a caption.

    Attributes:
        label: the printed number.
        caption: without the label.
        pictures: panels from left to right.
        chart: a drawn chart instead of pictures: 'lines', 'bars' or 'flow'; '' for none.
        width: share of the column it fills.
        span: across both columns.
        letters: where panel letters stand: '', 'inside' or 'below'.
        layout: where the caption stands; '' for the chapter's way.
    """

    label: str
    caption: str
    pictures: tuple[PictureSpec, ...] = ()
    chart: str = ""
    width: float = 1.0
    span: bool = False
    letters: str = ""
    layout: str = ""


Block = Paragraph | Table | Figure


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter and the way its pages are set."""

    title: str
    columns: int
    captions: str  # 'below', 'above' or 'beside'
    label: str  # such as 'Figure {}'
    blocks: tuple[Block, ...]
    scanned: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """A whole sample book."""

    file: str
    title: str
    subtitle: str
    edition: str
    author: str
    header: str
    footer: str
    notice: str
    chapters: tuple[Chapter, ...]


def read_book(name: str) -> Book:
    """Return the book written in ``<name>.yaml`` beside this module."""
    text = (resources.files(__package__) / f"{name}.yaml").read_text(encoding="utf-8")
    fields: dict[str, Any] = yaml.safe_load(text)
    chapters = tuple(_chapter(c) for c in fields.pop("chapters"))
    return Book(**fields, chapters=chapters)


def _chapter(fields: dict[str, Any]) -> Chapter:
    blocks = tuple(_block(b) for b in fields.pop("blocks"))
    return Chapter(**fields, blocks=blocks)


def _block(fields: dict[str, Any]) -> Block:
    if "figure" in fields:
        return _figure(fields["figure"])
    if "table" in fields:
        rows = tuple(tuple(str(cell) for cell in row) for row in fields["table"]["rows"])
        return Table(fields["table"]["title"], rows)
    return Paragraph(fields["tip"], tip=True) if "tip" in fields else Paragraph(fields["text"])


def _figure(fields: dict[str, Any]) -> Figure:
    pictures = tuple(_picture(p) for p in fields.get("pictures", ()))
    rest = {k: v for k, v in fields.items() if k not in ("id", "pictures")}
    return Figure(label=str(fields["id"]), pictures=pictures, **rest)


def _picture(entry: dict[str, Any]) -> PictureSpec:
    ((name, fields),) = entry.items()
    kind = next(k for k in _KINDS if k in fields)
    values = fields[kind]
    if "structures" in values:
        values = {**values, "structures": tuple(values["structures"])}
    rest = {k: v for k, v in fields.items() if k != kind}
    return PictureSpec(name=name, drawing=_KINDS[kind](**values), **rest)

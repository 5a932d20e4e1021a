"""A page of thumbnails beside the queue, to look at while typing into the spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from mmskin_build.review.kinds import Kind
from mmskin_build.review.spreadsheet import write_atomically

_STYLE = """
:root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif }
body { margin: 1.5rem }
ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem;
     padding: 0; list-style: none }
li { border: 1px solid #8886; border-radius: 6px; padding: .6rem; content-visibility: auto;
     contain-intrinsic-size: 15rem 24rem }
img { display: block; width: 100%; height: 11rem; object-fit: contain; background: #8882 }
code { font-size: .75rem; overflow-wrap: anywhere }
p { margin: .3rem 0 }
"""


def write_sheet(
    path: Path, kind: Kind, columns: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    """Write the page; captions are text, never markup."""
    cards = [_card(dict(zip(columns, row, strict=True))) for row in rows]
    head = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'\">"
        f"<title>{kind.title} review</title><style>{_STYLE}</style><h1>{kind.title} review</h1>"
        f"<p>{len(cards)} pictures, most doubtful first. Type {', '.join(kind.labels[:-1])} or "
        f"{kind.labels[-1]} into the column <b>label</b> of {kind.file}, then run "
        f"<code>python -m stages review-apply build/review/{kind.file}</code>.</p><ol>"
    )
    write_atomically(path, (head + "".join(cards) + "</ol></html>\n").encode("utf-8", "replace"))


def _card(row: dict[str, str]) -> str:
    cells = {name: escape(value) for name, value in row.items()}
    picture = (
        f'<img loading="lazy" src="{cells["thumbnail"]}" alt="{cells["caption_start"]}">'
        if row["thumbnail"]
        else "<p>no picture</p>"
    )
    second = f", then {cells['second']} {cells['second_score']}" if row["second"] else ""
    typed = f"<p>typed: <b>{cells['label']}</b></p>" if row["label"] else ""
    return (
        f"<li>{picture}<p><b>{cells['suggested']}</b> {cells['score']}{second}</p>"
        f"<p>{cells['reason_for_review']}</p>{typed}"
        f"<p>{cells['caption_start']}</p><p>{cells['source']}, p. {cells['page']} "
        f"{cells['figure']}</p><code>{cells['pair_id']}</code></li>"
    )

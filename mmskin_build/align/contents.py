"""Lists of figures: their entries look like captions and stand at no figure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from mmskin_build.align.layout import PageContent
from mmskin_build.records import TextLine

LEAST = 4  # entries make a list
SHARE = 0.7  # of them end with the number of a page
MOST_FALLS = 0.1  # of the numbers: a list of tables may follow
LAST_PITCH_EM = 3.0  # the last entry reaches so far down at most
EVEN_EDGE_PT = 2.0  # page numbers without leaders stand under each other
_LEADERS = r"(?:[.·…_]\s?){4,}"
_PAGE = re.compile(rf"(?P<leader>{_LEADERS})?(?:^|[\s.·…_])(?P<page>\d{{1,4}})$")


def has_leaders(text: str) -> bool:
    """Tell whether leaders run through a line, as to the number of a page."""
    return re.search(_LEADERS, text) is not None


def is_list(starts: Sequence[TextLine], content: PageContent) -> bool:
    """Tell whether lines that start like captions are the entries of a list of figures.

    An entry ends, maybe some lines further, with the number of a page: behind leaders, or flush
    right. The numbers rise; a row of captions that end with one (of a magnification) do not.
    """
    if len(starts) < LEAST:
        return False
    ends = [end for end in _ends(starts, content) if end is not None]
    pages = [page for page, _, _ in ends]
    falls = sum(a > b for a, b in pairwise(pages))
    if len(ends) < SHARE * len(starts) or falls > MOST_FALLS * len(ends):
        return False
    if sum(led for _, led, _ in ends) >= SHARE * len(ends):
        return True
    edges = sorted(edge for _, _, edge in ends)
    flush = edges[-1] - edges[len(edges) // 4] < EVEN_EDGE_PT
    return flush and len(set(pages)) > LEAST // 2


def _ends(starts: Sequence[TextLine], content: PageContent) -> list[tuple[int, bool, float] | None]:
    """Return of each entry its page, whether leaders go before it, and its right edge."""
    found: list[tuple[int, bool, float] | None] = []
    for number, start in enumerate(starts):
        bottom = start.bbox[1] + LAST_PITCH_EM * start.size_pt
        if number + 1 < len(starts):
            bottom = starts[number + 1].bbox[1]
        lines = [o for o in content.upright if start.bbox[1] - 1 <= o.bbox[1] < bottom - 1]
        matches = [(match, line) for line in lines if (match := _PAGE.search(line.text))]
        last = matches[-1] if matches else None
        found.append(
            (int(last[0]["page"]), bool(last[0]["leader"]), last[1].bbox[2]) if last else None
        )
    return found

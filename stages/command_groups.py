"""``python -m stages --help``: the commands by purpose, each with its whole first sentence."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperGroup

GROUPS: dict[str, tuple[str, ...]] = {
    "Build a dataset": ("build", "sources", "config", "list", "sample", "version"),
    "Look at what was built": ("report", "explain", "inspect-page", "vqa-coverage", "audit"),
    "Let people decide": ("review", "review-apply", "review-export", "review-import"),
    "Questions by a language model": ("vqa-ask", "vqa-prompts", "vqa-replies"),
    "Releases": ("lock-splits", "rebuild"),
    "Pictures and captions of your own": ("label-images", "demographics"),
    "Train and score models": (
        "train", "evaluate", "classify", "results", "merge-adapter", "convert-base", "public-sets",
    ),
    "Remake the small models": ("train-modality", "train-marks", "fit-pair-score"),
    "Measure": ("bench", "bench-growth", "bench-model", "bench-pictures", "bench-questions"),
}  # fmt: skip
OTHER = "Other commands"  # a new command stands here until it is given a place above


class GroupedCommands(TyperGroup):
    """Commands listed by purpose; click would cut each line at the width of the screen."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write one section per purpose."""
        names = [n for n in self.list_commands(ctx) if not self.commands[n].hidden]
        placed = {name for group in GROUPS.values() for name in group}
        groups = {**GROUPS, OTHER: tuple(n for n in names if n not in placed)}
        for title, members in groups.items():
            rows = [(n, first_sentence(self.commands[n].help)) for n in members if n in names]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows, col_max=17)


def first_sentence(text: str | None) -> str:
    """Return the first sentence of a docstring, up to a stop, a colon or parentheses, on a line."""
    line = " ".join((text or "").split("\n\n")[0].split())
    return re.split(r"(?<=[^\s.]{2})[.:;](?=\s|$)|\s\(", line)[0]

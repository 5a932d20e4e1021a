"""What the report tells, counted from the tables."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

import pandas as pd

from mmskin_build.records import Modality, Sex, Split
from mmskin_build.report.tables import BuildTables

MODALITIES = tuple(m.value for m in Modality)
SPLITS = tuple(s.value for s in Split)
SEXES = (*(s.value for s in Sex), "not stated")
PAIR_COLUMNS = (
    "pair_id",
    "figure_id",
    "panel",
    "source_id",
    "page",
    "label",
    "panel_caption",
    "image_digest",
)
AGE_STEP = 10
AGE_BINS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel; ``share`` is the bar's length, 0 to 1, or None for no bar."""

    name: str
    count: int
    share: float | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CrossRow:
    """A row of a cross table: a name and one count per column."""

    name: str
    counts: tuple[int, ...]
    extra: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        """Sum over the columns."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """How often a reason dropped something."""

    stage: str
    reason: str
    count: int
    share: float
    example: str
    detail: str


@dataclass(frozen=True, slots=True)
class StageRow:
    """Time and memory of one stage over all sources."""

    name: str
    parts: int
    seconds: float
    share: float
    slowest: str
    peak_rss_mb: float
    rows: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that gave nothing, and why."""

    source_id: str
    stage: str
    reason: str
    detail: str


class Facts:
    """The joined pair table and the counts drawn from it."""

    def __init__(self, tables: BuildTables) -> None:
        """Read the tables once."""
        self._tables = tables
        self.pairs = _joined(tables)
        self.kept = self.pairs[self.pairs["keep"] == True]  # noqa: E712 - unknown counts as no
        self.qa = tables.frame("qa", ("qa_id", "pair_id", "kind", "visual_dependency"))
        self.rejects = tables.rejects()
        self.receipts = tables.receipts()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was built yet."""
        return not self.receipts and self.pairs.empty and self.rejects.empty

    def funnel(self) -> list[Step]:
        """Return the steps from pages to questions."""
        pages = len(self._tables.frame("pages", ("page",)))
        pages = pages or len(self._tables.frame("embedded_pages", ("page",)))
        graphics = len(self._tables.frame("graphics", ("page",)))
        figures = int(self.pairs["figure_id"].nunique())
        found, kept = len(self.pairs), len(self.kept)
        placed = int(self.kept["split"].notna().sum())
        asked = int(self.kept["pair_id"].isin(set(self.qa["pair_id"])).sum())
        top = max(found, 1)
        books = int(self.pairs["source_id"].nunique())
        each = f"{len(self.qa) / asked:.1f} per pair with questions" if asked else ""
        others = set(self.kept.loc[self.kept["modality"] == "other", "pair_id"])
        apart = int(self.qa["pair_id"].isin(others).sum())
        each += f"; {apart} on charts and other pictures, kept apart" if apart else ""
        return [
            Step("pages read", pages, None, f"{books} book{'' if books == 1 else 's'}"),
            Step("graphics seen", graphics, None, "rasters and drawings"),
            Step("figures with a caption", figures, figures / top),
            Step("image–caption pairs", found, found / top, "panels counted singly"),
            Step("kept", kept, kept / top, _percent(kept, found)),
            Step("placed in a split", placed, placed / top, _percent(placed, found)),
            Step("with questions", asked, asked / top, _percent(asked, found)),
            Step("questions", len(self.qa), None, each),
        ]

    def by_book(self) -> list[CrossRow]:
        """Return kept pairs by book and modality; extra: pairs found, questions."""
        questions = Counter(self.qa["pair_id"])
        kept, asked = Counter[tuple[str, str]](), Counter[str]()
        columns = (self.kept[name] for name in ("source_id", "modality", "pair_id"))
        for source_id, modality, pair_id in zip(*columns, strict=True):
            kept[source_id, modality] += 1
            asked[source_id] += questions[pair_id]
        return [
            CrossRow(book, tuple(kept[book, m] for m in MODALITIES), (found, asked[book]))
            for book, found in sorted(Counter(self.pairs["source_id"]).items())
        ]

    def by_split(self) -> list[CrossRow]:
        """Return kept pairs by split and modality; extra: groups, questions."""
        questions = Counter(self.qa["pair_id"])
        rows = []
        for split in SPLITS:
            mine = self.kept[self.kept["split"] == split]
            counts = tuple(int((mine["modality"] == m).sum()) for m in MODALITIES)
            asked = sum(questions[p] for p in mine["pair_id"])
            rows.append(CrossRow(split, counts, (int(mine["group_id"].nunique()), asked)))
        return rows

    def group_sizes(self) -> list[tuple[str, int]]:
        """Return how many groups have how many pairs, in steps that double."""
        sizes = Counter(self.kept["group_id"].dropna())
        steps: Counter[int] = Counter(int(math.log2(n)) for n in sizes.values())
        return [(_span(step), steps[step]) for step in range(max(steps, default=-1) + 1)]

    def ages(self) -> list[tuple[str, int]]:
        """Return kept pairs by stated age in decades (middle of a stated span)."""
        low = pd.to_numeric(self.kept["age_years_low"], errors="coerce")
        high = pd.to_numeric(self.kept["age_years_high"], errors="coerce").fillna(low)
        middle = ((low.fillna(high) + high) / 2).dropna()
        bins = Counter(min(AGE_BINS - 1, int(a // AGE_STEP)) for a in middle)
        names = [f"{n * AGE_STEP}–{n * AGE_STEP + AGE_STEP - 1}" for n in range(AGE_BINS)]
        names[-1] = f"{(AGE_BINS - 1) * AGE_STEP}+"
        return [(name, bins[n]) for n, name in enumerate(names)]

    def sexes(self) -> list[CrossRow]:
        """Return kept pairs by modality (rows) and stated sex (columns)."""
        rows = []
        for modality in MODALITIES:
            mine = self.kept[self.kept["modality"] == modality]["sex"].fillna("")
            stated = [int((mine == s).sum()) for s in SEXES[:-1]]
            rows.append(CrossRow(modality, (*stated, len(mine) - sum(stated))))
        return rows

    def reasons(self) -> list[ReasonRow]:
        """Return the reject reasons by stage, most frequent first."""
        rows = []
        kinds = zip(self.rejects["stage"], self.rejects["reason"], strict=True)
        counts = Counter((str(stage), str(reason)) for stage, reason in kinds).most_common()
        for (stage, reason), n in counts:
            chosen = (self.rejects["stage"] == stage) & (self.rejects["reason"] == reason)
            first = self.rejects[chosen].iloc[0]
            example, detail = str(first["record_id"]), str(first["detail"])
            rows.append(ReasonRow(stage, reason, n, n / counts[0][1], example, detail))
        return rows

    def failures(self) -> list[Failure]:
        """Return the sources that were rejected as a whole."""
        whole = self.rejects[self.rejects["record_id"] == self.rejects["source_id"]]
        return [
            Failure(str(r.source_id), str(r.stage), str(r.reason), str(r.detail))
            for r in whole.itertuples()
        ]

    def stages(self) -> list[StageRow]:
        """Return time, memory and rows of every stage, in the order they ran longest."""
        grouped: dict[str, list[dict[str, object]]] = defaultdict(list)
        for receipt in self.receipts:
            grouped[str(receipt.get("stage", "?"))].append(receipt)
        totals = {s: sum(_number(r, "seconds") for r in rs) for s, rs in grouped.items()}
        top = max(totals.values(), default=0.0) or 1.0
        rows = []
        for stage, seconds in sorted(totals.items(), key=lambda kv: -kv[1]):
            parts = grouped[stage]
            slowest = max(parts, key=lambda r: _number(r, "seconds"))
            made = [r.get("rows") for r in parts]
            count = sum(sum(m.values()) for m in made if isinstance(m, dict))
            peak = max(_number(r, "peak_rss_mb") for r in parts)
            name = str(slowest.get("source_id", "")).replace("_library", "all books")
            rows.append(StageRow(stage, len(parts), seconds, seconds / top, name, peak, count))
        return rows

    def review(self) -> tuple[int, list[tuple[str, int]]]:
        """Return the size of the review queue and its reasons."""
        waiting = self.pairs[self.pairs["needs_review"] == True]  # noqa: E712
        reasons = Counter(str(r) or "not given" for r in waiting["review_reason"].fillna(""))
        return len(waiting), reasons.most_common(8)

    def decided_by(self) -> list[tuple[str, int]]:
        """Return who decided the modality of the pairs found."""
        return Counter(self.pairs["decided_by"].dropna()).most_common()


def _joined(tables: BuildTables) -> pd.DataFrame:
    pairs = tables.frame("pairs", PAIR_COLUMNS)
    for table, columns in (
        ("modality_labels", ("label", "decided_by", "needs_review", "review_reason")),
        ("verdicts", ("keep",)),
        ("splits", ("group_id", "split")),
        ("demographics", ("age_years_low", "age_years_high", "sex")),
        ("captions", ("text",)),
        ("image_checks", ("perceptual_hash", "shape_hash")),
    ):
        frame = tables.frame(table, ("pair_id", *columns)).drop_duplicates("pair_id")
        if table == "modality_labels":
            frame = frame.rename(columns={"label": "modality"})
        pairs = pairs.merge(frame, on="pair_id", how="left")
    return pairs


def _number(receipt: dict[str, object], key: str) -> float:
    value = receipt.get(key, 0.0)
    return float(value) if isinstance(value, int | float) else 0.0


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} % of pairs" if whole else ""


def _span(step: int) -> str:
    low, high = 2**step, 2 ** (step + 1) - 1
    return str(low) if low == high else f"{low}–{high}"

"""The data card: README.md of a release, filled in from what was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from mmskin_build.export.biases import distributions
from mmskin_build.export.defects import DefectRow, defect_table
from mmskin_build.export.entries import Entry, Library
from mmskin_build.export.parquet import Written
from mmskin_build.export.rows import ROW_TYPES
from mmskin_build.export.settings import Audience, ExportSettings
from mmskin_build.export.shards import features_of
from mmskin_build.modality.acceptance import wilson
from mmskin_build.records import Modality, Source, Split

SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def write_card(
    root: Path, library: Library, written: Iterable[Written], settings: ExportSettings
) -> None:
    """Write README.md: front matter for ``datasets`` and a card for people."""
    import jinja2

    tables = list(written)
    text = (resources.files(__package__) / "card_template.md").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    body = environment.from_string(text).render(**_facts(library, tables, settings))
    front = yaml.safe_dump(_front_matter(tables, settings), sort_keys=False, width=100)
    (root / "README.md").write_text(f"---\n{front}---\n\n{body}", encoding="utf-8")


def write_citation(root: Path, settings: ExportSettings) -> None:
    """Write CITATION.cff."""
    content = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it and the books it was built from.",
        "type": "dataset",
        "title": settings.name,
        "version": settings.version,
        "authors": [{"name": "The people who built this release"}],
        "abstract": "Dermatology images, captions and questions built with mmskin-build.",
    }
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    (root / "CITATION.cff").write_text(text, encoding="utf-8")


def _front_matter(tables: list[Written], settings: ExportSettings) -> dict[str, Any]:
    rows = sum(t.rows for t in tables if t.config == "vqa")
    shown = _filled(tables)
    default = "vqa" if "vqa" in shown else next(iter(shown), "")
    return {
        "pretty_name": settings.name,
        "license": "other",
        "license_name": "per-source",
        "license_link": "README.md#licences",
        "language": ["en"],
        "task_categories": ["visual-question-answering", "image-to-text"],
        "size_categories": [next((n for limit, n in SIZES if rows < limit), "n>1M")],
        "tags": ["medical", "dermatology", "vision-language"],
        "configs": [_config(name, shown, default) for name in shown],
        "dataset_info": [
            {
                "config_name": kind.config,
                "features": [_card_feature(n, f) for n, f in features_of(kind).items()],
                "splits": [_split_info(t) for t in shown[kind.config]],
            }
            for kind in ROW_TYPES
            if kind.config in shown
        ],
    }


def _filled(tables: list[Written]) -> dict[str, list[Written]]:
    """Return the splits that hold rows, by table: ``datasets`` refuses to load an empty split."""
    shown: dict[str, list[Written]] = {}
    for table in tables:
        if table.rows:
            shown.setdefault(table.config, []).append(table)
    return {kind.config: shown[kind.config] for kind in ROW_TYPES if kind.config in shown}


def _config(name: str, shown: dict[str, list[Written]], default: str) -> dict[str, Any]:
    files = [{"split": t.split, "path": f"{name}/{t.split}-*.parquet"} for t in shown[name]]
    marked = {"default": True} if name == default else {}
    return {"config_name": name, "data_files": files, **marked}


def _split_info(table: Written) -> dict[str, Any]:
    size = sum(path.stat().st_size for path in table.files)
    return {"name": table.split, "num_bytes": size, "num_examples": table.rows}


def _card_feature(name: str, feature: dict[str, Any]) -> dict[str, Any]:
    """Return a feature in the short form that dataset cards use."""
    if feature["_type"] == "Image":
        return {"name": name, "dtype": "image"}
    if feature["_type"] == "Sequence":
        return {"name": name, "sequence": feature["feature"]["dtype"]}
    return {"name": name, "dtype": feature["dtype"]}


@dataclass(frozen=True, slots=True)
class CountRow:
    """One line of a count table in the card."""

    name: str
    images: int
    figures: int
    panels: int
    pairs: int
    qa: int
    text_qa: int
    other_qa: int
    demographics: int


def count(name: str, entries: Iterable[Entry]) -> CountRow:
    """Count entries in the units the card defines."""
    chosen = list(entries)
    return CountRow(
        name=name,
        images=len({e.pair.image_digest for e in chosen}),
        figures=len({e.pair.figure_id for e in chosen}),
        panels=sum(bool(e.pair.panel) for e in chosen),
        pairs=len(chosen),
        qa=sum(len(e.visual_qa) for e in chosen),
        text_qa=sum(len(e.text_qa) for e in chosen),
        other_qa=sum(len(e.other_qa) for e in chosen),
        demographics=sum(e.has_demographics for e in chosen),
    )


def _facts(library: Library, tables: list[Written], settings: ExportSettings) -> dict[str, Any]:
    entries = library.entries
    questions = [q for e in entries for q in e.visual_qa]
    answers = [q.answer.lower() for q in questions if q.kind == "closed"]
    return {
        "settings": settings,
        "private": settings.release == Audience.PRIVATE,
        "tables": tables,
        "kinds": ROW_TYPES,
        "total": count("all", entries),
        "by_split": [count(s.value, library.of_split(s)) for s in Split],
        "by_modality": [
            count(m.value, (e for e in entries if e.modality.label == m)) for m in Modality
        ],
        "by_book": _book_counts(library),
        "library": library,
        "audit_interval": wilson(library.audit_errors, max(1, library.audited)),
        "dropped": sorted(library.dropped.items(), key=lambda kv: (-kv[1], kv[0])),
        "edited": sorted(Counter(e.masked.method for e in entries if e.masked).items()),
        "groups": _groups(library),
        "qa_kinds": Counter(q.kind for q in questions).most_common(),
        "yes": sum(a.startswith("yes") for a in answers),
        "no": sum(a.startswith("no") for a in answers),
        "decided_by": Counter(e.modality.decided_by for e in entries).most_common(),
        "defects": _defects(library),
        "skin_images": _skin_images(library),
        "dependency": Counter(q.visual_dependency for q in questions).most_common(),
        "names_diagnosis": sum(q.names_diagnosis for q in questions),
        "distributions": distributions(entries),
    }


def _book_counts(library: Library) -> list[tuple[Source, int, CountRow]]:
    entries: dict[str, list[Entry]] = {}
    for entry in library.entries:
        entries.setdefault(entry.pair.source_id, []).append(entry)
    return [
        (
            source,
            library.pairs_by_source.get(source.source_id, 0),
            count(source.title or source.source_id, entries.get(source.source_id, ())),
        )
        for source in library.sources
    ]


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """How pairs are spread over groups and groups over splits."""

    groups: int
    largest: int
    in_two_splits: int
    images_in_two_splits: int


def _groups(library: Library) -> GroupFacts:
    sizes = Counter(e.group_id for e in library.entries)
    places: dict[str, set[str]] = {}
    images: dict[str, set[str]] = {}
    for entry in library.entries:
        places.setdefault(entry.group_id, set()).add(entry.split)
        images.setdefault(entry.pair.image_digest, set()).add(entry.split)
    return GroupFacts(
        groups=len(sizes),
        largest=max(sizes.values(), default=0),
        in_two_splits=sum(len(s) > 1 for s in places.values()),
        images_in_two_splits=sum(len(s) > 1 for s in images.values()),
    )


def _skin_images(library: Library) -> int:
    """Return how many pictures show skin: the others' questions stand in a table of their own."""
    return len({e.pair.image_digest for e in library.entries if not e.is_other})


def _defects(library: Library) -> list[DefectRow]:
    return defect_table([(q.question, q.answer) for e in library.entries for q in e.visual_qa])

"""Put the facts into the page."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from mmskin_build.errors import ConfigError
from mmskin_build.report.examples import choose_examples
from mmskin_build.report.facts import MODALITIES, SEXES, Facts
from mmskin_build.report.neighbours import nearest_across_splits
from mmskin_build.report.reason_texts import reason_texts
from mmskin_build.report.reviews import finding_figures, review_figures
from mmskin_build.report.tables import BuildTables


def write_page(build_dir: Path, manifests: Path) -> Path:
    """Write ``report/index.html`` below the build folder, by rename, and return it."""
    import jinja2

    tables = BuildTables(build_dir)
    facts = Facts(tables)
    if facts.is_empty:
        raise ConfigError(
            f"{build_dir}: nothing built there yet; run `python -m stages build` first"
        )
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["thousands"] = _thousands
    environment.filters["duration"] = _duration
    template = (resources.files(__package__) / "page.html").read_text(encoding="utf-8")
    waiting, why = facts.review()
    html = environment.from_string(template).render(
        style=(resources.files(__package__) / "style.css").read_text(encoding="utf-8"),
        build_name=build_dir.resolve().name,
        facts=facts,
        modalities=MODALITIES,
        sex_names=SEXES,
        examples=choose_examples(facts, tables),
        neighbours=nearest_across_splits(facts, tables.images),
        texts=reason_texts(),
        waiting=waiting,
        why_waiting=why,
        reviews=review_figures(build_dir, manifests),
        findings=finding_figures(build_dir, manifests),
    )
    target = build_dir / "report" / "index.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.write_text(html, encoding="utf-8", errors="replace")
    part.replace(target)
    return target


def _thousands(number: float) -> str:
    return f"{number:,.0f}".replace(",", "\u202f")


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from mmskin_build.errors import ConfigError
from mmskin_build.records import Qa, Reject
from mmskin_build.reject_reasons import RejectReason
from mmskin_build.tables import write_rows
from stages import ORDER, PIPELINE
from stages.session import (
    Request,
    _languages,
    build_sources,
    make_plan,
    settings_of,
    written_by_models,
)


def test_the_passwords_of_extract_serve_every_stage_that_opens_documents(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("extract:\n  passwords: [a, b]\nocr:\n  passwords: [c]\n", encoding="utf-8")
    settings = settings_of(config)
    assert settings["align"].passwords == ("a", "b")
    assert settings["ocr"].passwords == ("c",)


def test_reading_many_books_for_their_checksums_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "ab":
        (tmp_path / f"{name}.pdf").write_text(name)
    request = Request(None, None, tmp_path, tmp_path / "build")
    assert len(build_sources(request)) == 2
    assert capsys.readouterr().err == ""  # over in a moment
    (tmp_path / "b.pdf").write_text("changed")
    monkeypatch.setattr("stages.session.TELL_EVERY_S", -1.0)
    build_sources(request)
    assert capsys.readouterr().err == "checksums: file 1, 'b.pdf'\n"


def test_every_stage_finds_its_settings() -> None:
    settings = settings_of(None)
    assert [s.name for s in PIPELINE] == list(ORDER)
    assert [s.section for s in PIPELINE if s.section and s.section not in settings] == []


def test_a_section_that_no_stage_has_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("aling:\n  min_score: 0.5\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="did you mean 'align'"):
        settings_of(config)


def test_another_manifests_folder_lists_the_books_and_holds_the_decisions(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-")
    ours = tmp_path / "ours"
    ours.mkdir()
    row = f"source_id,path\nbook,{tmp_path / 'a.pdf'}\n"
    (ours / "sources.csv").write_text(row, encoding="utf-8")
    plan = make_plan(Request(None, None, None, tmp_path / "build", manifests=ours))
    assert [s.source_id for s in plan.sources] == ["book"]
    assert plan.manifests == ours


def test_a_manifests_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    away = tmp_path / "ours"
    with pytest.raises(ConfigError, match="ours: no such folder"):
        make_plan(Request(None, None, tmp_path, tmp_path / "build", manifests=away))


def test_a_public_release_does_not_replace_a_private_one_of_the_same_name(tmp_path: Path) -> None:
    folder = tmp_path / "build" / "release" / "atlas"
    folder.mkdir(parents=True)
    (folder / "recipe.yaml").write_text("settings: {export: {release: private}}\n")
    config = tmp_path / "c.yaml"
    config.write_text("export:\n  name: atlas\n  release: public\n", encoding="utf-8")
    request = Request(config, None, tmp_path, tmp_path / "build")
    with pytest.raises(ConfigError, match=r"holds a private release.*a name of its own"):
        make_plan(request)
    (tmp_path / "book.pdf").write_bytes(b"%PDF-")
    make_plan(dataclasses.replace(request, last="split"))  # no release is written
    config.write_text("export:\n  name: other\n  release: public\n", encoding="utf-8")
    make_plan(request)


def test_questions_by_a_model_that_a_public_release_only_points_to_are_told(tmp_path: Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("export:\n  release: public\n", encoding="utf-8")
    (tmp_path / "book.pdf").write_bytes(b"%PDF-")
    plan = make_plan(Request(config, None, tmp_path, tmp_path / "build"))
    row = Qa("book", "q", "p", "Q?", "A.", "open", "t", "", "", "needs_image", False, "templates")
    plan.layout.tables.mkdir(parents=True)
    write_rows(plan.layout.tables / "qa.parquet", Qa, [row])
    assert written_by_models(plan) == []
    by_model = dataclasses.replace(row, qa_id="r", generator="some-model")
    write_rows(plan.layout.tables / "qa.parquet", Qa, [row, by_model])
    assert "1 questions" in written_by_models(plan)[0]


def test_a_scanned_book_in_another_language_is_named_at_the_end_of_a_build(tmp_path: Path) -> None:
    plan = make_plan(Request(None, None, None, tmp_path / "build"))
    assert _languages(plan) == []
    rows = [
        Reject("atlas", f"atlas:p{page}", RejectReason.OTHER_LANGUAGE, "seems to be in German")
        for page in (7, 107)
    ]
    plan.layout.rejects.mkdir(parents=True)
    write_rows(plan.layout.rejects / "ocr.parquet", Reject, rows)
    assert _languages(plan) == ["note: atlas seems to be in German"]

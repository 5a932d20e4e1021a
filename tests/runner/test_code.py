from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from repository import ROOT

from mmskin_build.runner.code import DATA_SUFFIXES, TEMPLATE_ENDING, code_digests, imported

NO_INPUT = {".py", ".pyc", ".md", ".html", ".css", ".js", ".typed", ""}  # no row is made of them


def test_a_stage_depends_on_the_modules_and_data_files_it_reaches() -> None:
    export = code_digests(ROOT / "stages/export.py")
    assert {"export.py", "mmskin_build/export/release.py", "mmskin_build/records.py"} <= set(export)
    assert "mmskin_build/export/card_template.md" in export
    modality = code_digests(ROOT / "stages/modality.py")
    assert "mmskin_build/modality/model/model.npz" in modality
    assert "mmskin_build/modality/model/mobilenet_v1.onnx" in modality
    assert "mmskin_build/modality/model/MODEL_CARD.md" not in modality


def test_every_file_beside_the_code_is_known_to_make_rows_or_not() -> None:
    for file in filter(Path.is_file, ROOT.glob("mmskin_build/**/*")):
        counts = file.suffix in DATA_SUFFIXES or file.name.endswith(TEMPLATE_ENDING)
        assert counts or file.suffix in NO_INPUT, f"{file}: add its kind to DATA_SUFFIXES"


def test_a_stage_that_can_run_tesseract_depends_on_its_version() -> None:
    for file in sorted(ROOT.glob("stages/*.py")):
        stage = getattr(importlib.import_module(f"stages.{file.stem}"), "STAGE", None)
        if stage is not None:
            runs_it = "mmskin_build/ocr/tesseract.py" in code_digests(file)
            assert runs_it == ("tesseract" in [p.name for p in stage.programs]), file


def test_imports_are_found_as_the_parser_finds_them() -> None:
    for file in sorted(ROOT.glob("mmskin_build/**/*.py")):
        code = file.read_text(encoding="utf-8")
        assert set(parsed(code)) <= set(imported(code)), file
    assert imported("from a.b import (  # why\n    c,\n    d as e,\n)\nimport x.y as z, w") == [
        *("a.b", "a.b.c", "a.b.d", "w", "x.y")
    ]


def parsed(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)

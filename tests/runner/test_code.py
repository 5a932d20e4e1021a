from __future__ import annotations

from repository import ROOT

from mmskin_build.runner.code import code_digests


def test_a_stage_depends_on_the_modules_and_data_files_it_reaches() -> None:
    export = code_digests(ROOT / "stages/export.py")
    assert {"export.py", "mmskin_build/export/release.py", "mmskin_build/records.py"} <= set(export)
    assert "mmskin_build/export/card_template.md" in export
    modality = code_digests(ROOT / "stages/modality.py")
    assert "mmskin_build/modality/model/model.npz" in modality
    assert "mmskin_build/modality/model/MODEL_CARD.md" not in modality

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import pytest
from typer import Typer
from typer.testing import CliRunner

from mmskin_build.errors import SourceError
from mmskin_build.modality.drawings import draw
from mmskin_build.modality.label_images import COLUMNS, find_images, label_images
from mmskin_build.modality.settings import ModalitySettings
from mmskin_build.screening import ScreeningSettings
from stages import cli_modality


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pictures = tmp_path / "pictures"
    (pictures / "deep").mkdir(parents=True)
    cv2.imwrite(str(pictures / "deep" / "chart.png"), draw("chart"))
    (pictures / "broken.jpg").write_bytes(b"\xff\xd8 not a picture")
    (pictures / "empty.png").write_bytes(b"")
    (pictures / "notes.txt").write_text("no picture")
    return pictures


def read(path: Path) -> dict[str, dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return {r["path"]: r for r in csv.DictReader(file)}


def test_every_picture_gets_a_row(folder: Path, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    summary = label_images(
        folder,
        tmp_path / "out" / "labels.csv",
        ModalitySettings(),
        ScreeningSettings(),
        lambda done, total: steps.append((done, total)),
    )
    rows = read(tmp_path / "out" / "labels.csv")
    assert list(rows) == ["broken.jpg", "deep/chart.png", "empty.png"]
    assert tuple(rows["broken.jpg"]) == COLUMNS
    assert rows["deep/chart.png"]["label"] == "other"
    shares = [float(v) for k, v in rows["deep/chart.png"].items() if k.startswith("p_")]
    assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert [rows[p]["needs_review"] for p in ("broken.jpg", "empty.png")] == ["1", "1"]
    assert [p for p, _ in summary.faults] == ["broken.jpg", "empty.png"]
    assert steps[-1] == (3, 3)


def test_the_command_goes_on_after_a_broken_picture_and_names_it(
    folder: Path, tmp_path: Path
) -> None:
    app = Typer()
    cli_modality.register(app)
    output = tmp_path / "labels.csv"
    done = CliRunner().invoke(app, ["label-images", str(folder), "-o", str(output)])
    assert done.exit_code == 0, done.output
    assert "3 pictures" in done.output
    assert "broken.jpg: not a readable picture" in done.output
    assert len(read(output)) == 3


@pytest.mark.parametrize("name", ["missing", "bare"])
def test_no_pictures_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "bare").mkdir()
    with pytest.raises(SourceError, match=name):
        find_images(tmp_path / name)

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from page_maker import BOXES_ONLY, Maker, pairs_of

from mmskin_build.align.overlay import FIGURE, LEFT, draw_page, evidence_notes
from mmskin_build.align.profile import BookProfile, load_profile
from mmskin_build.align.settings import AlignSettings
from mmskin_build.errors import ConfigError
from mmskin_build.records import Graphic, Page, ScanRegion, TextLine


def book(pages: int = 3) -> Maker:
    maker = Maker()
    for number in range(1, pages + 1):
        maker.new_page()
        y = maker.body(50)
        maker.figure(f"Figure {number}.", maker.sentence(12), y)
        maker.body(y + 230)
    return maker


def test_same_input_gives_the_same_rows(tmp_path: Path) -> None:
    first, second = (pairs_of(book().pair(tmp_path)) for _ in range(2))
    assert first == second
    assert len({row.pair_id for row in first}) == 3
    assert all(row.pair_id.startswith(f"book-p{row.page:04d}-") for row in first)


def test_a_page_more_leaves_other_ids_alone(tmp_path: Path) -> None:
    short = {row.pair_id for row in pairs_of(book(3).pair(tmp_path))}
    long = {row.pair_id for row in pairs_of(book(4).pair(tmp_path))}
    assert short < long


def test_scores_and_evidence_speak_for_clear_pairs(tmp_path: Path) -> None:
    for row in pairs_of(book().pair(tmp_path)):
        assert row.score > 0.9
        assert "caption below" in row.evidence


def test_what_stays_alone_is_rejected_with_a_reason(tmp_path: Path) -> None:
    maker = book()
    maker.new_page()
    maker.body(maker.body(50))
    maker.new_page()
    maker.body(50)
    maker.image(90, 300, 390, 500)
    maker.body(520)
    maker.new_page()
    maker.body(maker.body(50))
    maker.new_page()
    y = maker.body(50)
    maker.set((90, y, 300), "Figure 9.", maker.sentence(12))
    maker.body(y + 60)
    context = maker.pair(tmp_path)
    found = {(reject.record_id.split(":")[1], reject.reason) for reject in context.rejects}
    assert found == {("p5", "figure_without_caption"), ("p7", "caption_without_figure")}


def test_overlay_marks_the_figure(tmp_path: Path) -> None:
    context = book(1).pair(tmp_path)
    layers = [list(context.rows(kind)) for kind in (TextLine, Graphic, ScanRegion)]
    (page,), pairs = list(context.rows(Page)), pairs_of(context)
    png = draw_page(Path(context.sources[0].path), page, *layers, pairs, dpi=72)
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    x, y = round(pairs[0].bbox[0]), round((pairs[0].bbox[1] + pairs[0].bbox[3]) / 2)
    assert tuple(int(v) for v in pixels[y, x]) == FIGURE


@pytest.mark.parametrize(("text", "marked"), [("Figure 7 illustrates a plaque", False),
                                              ("Figure 7. A plaque", True)])  # fmt: skip
def test_overlay_marks_captions_left_over_but_no_sentences(
    tmp_path: Path, text: str, marked: bool
) -> None:
    maker = Maker()
    maker.new_page()
    maker.page.insert_text((40, 300), text, fontsize=10)
    context = maker.pair(tmp_path)
    layers = [list(context.rows(kind)) for kind in (TextLine, Graphic, ScanRegion)]
    (page,), path = list(context.rows(Page)), Path(context.sources[0].path)
    png = draw_page(path, page, *layers, [], dpi=72)
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    on_page = pixels[: round(page.height_pt)]  # without the legend below
    assert bool((on_page == LEFT).all(axis=2).any()) == marked


def test_overlay_does_not_mark_the_scan_itself_as_a_picture_left_over(tmp_path: Path) -> None:
    context = book(1).pair(tmp_path)
    page = replace(next(iter(context.rows(Page))), text_source="ocr")
    sheet = (0.0, 0.0, page.width_pt, page.height_pt)
    scan = replace(next(iter(context.rows(Graphic))), bbox=sheet)
    path = Path(context.sources[0].path)
    bare = draw_page(path, page, [], [], [], [], dpi=72)
    assert draw_page(path, page, [], [scan], [], [], dpi=72) == bare
    embedded = replace(page, text_source="embedded")
    assert draw_page(path, embedded, [], [scan], [], [], dpi=72) != bare


def test_profile_adds_label_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maker = Maker()
    for number in range(1, 4):
        maker.new_page()
        maker.figure(f"Ansicht {number}.", maker.sentence(12), maker.body(50))
    assert "1" not in {row.label for row in pairs_of(maker.pair(tmp_path))}
    folder = tmp_path / "configs" / "books"
    folder.mkdir(parents=True)
    (folder / "alt.yaml").write_text("caption:\n  label_words: [Ansicht]\n")
    monkeypatch.chdir(tmp_path)
    rows = pairs_of(maker.pair(tmp_path, BOXES_ONLY, profile="alt"))
    assert [row.label for row in rows] == ["1", "2", "3"]


def test_profile_mistakes_are_named(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("caption:\n  labelwords: [X]\n")
    with pytest.raises(ConfigError, match="label_words"):
        load_profile("bad", tmp_path)
    with pytest.raises(ConfigError, match="missing"):
        load_profile("missing", tmp_path)
    assert load_profile("", tmp_path) == BookProfile()


def test_settings_name_the_bad_field() -> None:
    with pytest.raises(ValueError, match="render_dpi"):
        AlignSettings(render_dpi=1)


def test_overlay_tells_the_evidence_and_the_rejects(tmp_path: Path) -> None:
    maker = book(2)
    maker.new_page()
    y = maker.body(50)
    maker.set((90, y, 300), "Figure 9.", maker.sentence(12))
    maker.body(y + 60)
    context = maker.pair(tmp_path)
    notes = evidence_notes(pairs_of(context), context.rejects)
    assert any(note.startswith("1, score") and "caption below" in note for note in notes)
    assert any(note.startswith("rejected") and "caption_without_figure" in note for note in notes)
    page = next(iter(context.rows(Page)))
    bare = draw_page(Path(context.sources[0].path), page, [], [], [], [], dpi=72)
    told = draw_page(Path(context.sources[0].path), page, [], [], [], [], dpi=72, notes=notes)
    heights = [
        cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR).shape[0]
        for png in (bare, told)
    ]
    assert heights[1] > heights[0]

from mmskin_build.geometry import Box
from mmskin_build.ocr.reading_order import Piece, ordered


def pieces(*boxes: Box, size: float = 10.0) -> list[Piece]:
    return [Piece(box, size, (i,)) for i, box in enumerate(boxes)]


def column(x0: float, x1: float, top: float, lines: int) -> list[Box]:
    return [(x0, top + 12 * i, x1, top + 12 * i + 9) for i in range(lines)]


def order_of(found: list[list[Piece]]) -> list[int]:
    return [i for paragraph in found for piece in paragraph for i in piece.indexes]


def test_left_column_comes_before_the_right_one() -> None:
    boxes = column(300, 540, 50, 6) + column(50, 290, 50, 6)
    assert order_of(ordered(pieces(*boxes))) == [*range(6, 12), *range(6)]


def test_lines_across_both_columns_part_the_page() -> None:
    upper = column(50, 290, 50, 4) + column(300, 540, 50, 4)
    across = column(50, 540, 110, 1)
    lower = column(50, 290, 130, 4) + column(300, 540, 130, 4)
    assert order_of(ordered(pieces(*lower, *across, *upper))) == [*range(9, 17), 8, *range(8)]


def test_short_last_line_stays_with_a_caption_across_the_columns() -> None:
    caption = [(50.0, 300.0, 540.0, 309.0), (50.0, 312.0, 160.0, 321.0)]
    text = column(50, 290, 350, 4) + column(300, 540, 350, 4)
    found = ordered(pieces(*caption, *text))
    assert [piece.indexes for piece in found[0]] == [(0,), (1,)]


def test_caption_beside_a_few_lines_of_a_single_column_page_is_a_column() -> None:
    page = column(50, 540, 50, 8) + column(50, 290, 150, 5) + column(50, 540, 212, 8)
    caption = column(300, 540, 180, 2)
    found = order_of(ordered(pieces(*page, *caption)))
    assert found.index(22) == found.index(21) + 1
    assert found.index(12) < found.index(21) < found.index(13)


def test_pieces_of_a_loosely_set_line_are_one_line_again() -> None:
    loose = [(50.0, 50.0, 150.0, 59.0), (170.0, 50.5, 290.0, 59.0)]
    found = ordered(pieces(*loose, *column(50, 290, 62, 3)))
    assert found[0][0].indexes == (0, 1)


def test_gap_and_type_size_start_paragraphs() -> None:
    body = column(50, 290, 50, 3) + column(50, 290, 110, 3)
    heading = Piece((50, 150, 200, 166), 16.0, (6,))
    found = ordered([*pieces(*body), heading])
    assert [len(paragraph) for paragraph in found] == [3, 3, 1]


def test_nothing_gives_nothing() -> None:
    assert ordered([]) == []


def test_a_caption_beside_another_stays_a_line_of_its_own() -> None:
    lines = [(50.0, 300.0, 290.0, 309.0), (294.0, 300.0, 400.0, 309.0)]
    loose = ordered(pieces(*lines))
    assert order_of(loose) == [0, 1]
    assert len(loose[0]) == 1
    left, right = pieces(*lines)
    found = ordered([left, Piece(right.box, right.size, right.indexes, starts=True)])
    assert [piece.indexes for paragraph in found for piece in paragraph] == [(0,), (1,)]

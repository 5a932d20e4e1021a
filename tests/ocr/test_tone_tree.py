from mmskin_build.ocr.tone_tree import Blob, best_blobs

WHOLE = Blob((0, 0, 100, 100), 0.95)
LEFT, RIGHT = Blob((0, 0, 45, 100), 0.98), Blob((55, 0, 100, 100), 0.97)


def test_a_picture_with_pale_parts_stays_whole() -> None:
    spot = Blob((30, 30, 70, 70), 0.99)
    assert best_blobs([[WHOLE], [spot]]) == [WHOLE]


def test_pictures_tied_together_by_a_faint_ghost_are_parted() -> None:
    tied = Blob((0, 0, 100, 140), 0.7)
    assert best_blobs([[tied], [LEFT, RIGHT]]) == [LEFT, RIGHT]
    assert best_blobs([[tied], [tied], [LEFT, RIGHT]]) == [LEFT, RIGHT]


def test_what_shows_only_at_a_strong_contrast_is_found() -> None:
    assert best_blobs([[], [LEFT], [LEFT]]) == [LEFT]
    assert best_blobs([]) == []


def test_a_thin_straight_strip_parts_pictures_with_bright_parts() -> None:
    tied = Blob((0, 0, 100, 200), 0.98)
    over, under = Blob((0, 0, 100, 99), 0.87), Blob((0, 101, 100, 200), 0.99)
    assert best_blobs([[tied], [over, under]]) == [over, under]
    pale = Blob((0, 0, 100, 80), 0.87)
    assert best_blobs([[tied], [pale, under]]) == [tied]

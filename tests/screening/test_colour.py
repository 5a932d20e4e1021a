from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from skin import skin

from mmskin_build.screening.colour import is_grey


def jpeg(image: np.ndarray, quality: int = 40) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1)


def test_a_photograph_of_skin_has_colours_and_its_grey_print_has_none() -> None:
    picture = skin(1)
    cv2.circle(picture, (80, 60), 22, (40, 40, 190), -1)
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert not is_grey(jpeg(picture))
    assert is_grey(jpeg(grey))
    assert is_grey(jpeg(cv2.add(grey, np.full_like(grey, (0, 4, 9)))))


def test_brown_spots_on_skin_of_the_same_hue_are_colours() -> None:
    picture = np.full((120, 160, 3), (140, 170, 215), np.uint8)
    cv2.circle(picture, (80, 60), 12, (70, 98, 140), -1)
    assert not is_grey(jpeg(picture))


def test_real_photographs_keep_their_colours(corpus: Path) -> None:
    found = []
    for kind in ("clinical", "dermoscopy", "pathology"):
        for path in sorted((corpus / "images" / kind).iterdir())[::12]:
            image = cv2.imread(str(path))
            if image is not None:
                found.append((path.name, is_grey(image)))
                grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
                assert is_grey(grey), path.name
    assert len(found) > 30
    assert [name for name, grey in found if grey] == []

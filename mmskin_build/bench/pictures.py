"""What looking at one picture costs, step by step."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from mmskin_build.bench.library import picture
from mmskin_build.duplicates.fingerprint import fingerprint
from mmskin_build.modality import image_voter
from mmskin_build.modality.model import shipped_model
from mmskin_build.modality.working_image import decode
from mmskin_build.screening.colour import is_grey
from mmskin_build.screening.eye_bar import eye_bar_score
from mmskin_build.screening.faces import find_faces
from mmskin_build.screening.marks import Look, Marks, judge_marks, look_at
from mmskin_build.screening.writing import text_rows

DECODE, MODALITY, MARKS = "decode", "modality", "drawn marks"
FACES, EYE_BAR = "face network", "eye bar"
PRINTS, WRITING, GREY = "fingerprint", "rows of writing", "grey or not"
JUDGED = (MODALITY, MARKS, EYE_BAR)  # all that is judged on a picture but for the face network
Result = TypeVar("Result")


@dataclass(slots=True)
class PictureCosts:
    """CPU milliseconds of each step for each picture, in the order of pictures."""

    steps: dict[str, list[float]] = field(default_factory=dict)

    @property
    def pictures(self) -> int:
        """How many pictures were looked at."""
        return len(self.steps.get(DECODE, ()))

    def mean(self, *names: str) -> float:
        """Return the mean per picture of some steps together."""
        return sum(statistics.fmean(self.steps[name]) for name in names)

    def slowest(self, name: str) -> float:
        """Return what one picture in twenty exceeds."""
        ordered = sorted(self.steps[name])
        return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]

    def timed(self, name: str, call: Callable[..., Result], *given: object) -> Result:
        """Call and count CPU time, which other processes do not disturb as they do wall time."""
        started = time.process_time()
        result = call(*given)
        self.steps.setdefault(name, []).append(1000 * (time.process_time() - started))
        return result


def picture_costs(
    pictures: Sequence[bytes], progress: Callable[[int, int], None] = lambda done, of: None
) -> PictureCosts:
    """Measure all steps on encoded pictures, on one core; unreadable ones are passed over."""
    cv2.setNumThreads(1)
    if pictures:
        _look(pictures[0], PictureCosts())  # models are read once per process
    costs = PictureCosts()
    for number, data in enumerate(pictures, start=1):
        _look(data, costs)
        progress(number, len(pictures))
    return costs


def generated_pictures(count: int) -> list[bytes]:
    """Return encoded pictures of skin-like noise, the same ones every time."""
    return [picture(0, number) for number in range(count)]


def pictures_below(folder: Path, most: int) -> list[bytes]:
    """Return up to ``most`` picture files below a folder, taken evenly from all of them."""
    from mmskin_build.modality.label_images import find_images

    found = find_images(folder)
    wanted = min(most, len(found))
    return [found[i * len(found) // wanted].read_bytes() for i in range(wanted)]


def _look(data: bytes, costs: PictureCosts) -> None:
    if decode(data) is None:
        return
    image = costs.timed(DECODE, decode, data)
    costs.timed(MODALITY, image_voter.vote, image, shipped_model())
    look, _ = costs.timed(MARKS, _marks, image)
    faces = costs.timed(FACES, find_faces, image)
    costs.timed(EYE_BAR, eye_bar_score, image, faces)
    costs.timed(PRINTS, fingerprint, image)
    costs.timed(WRITING, text_rows, image, look)
    costs.timed(GREY, is_grey, image)


def _marks(image: np.ndarray) -> tuple[Look, Marks]:
    look = look_at(image)
    return look, judge_marks(look)

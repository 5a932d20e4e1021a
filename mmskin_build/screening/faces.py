"""Recognisable faces, by the face classes of nudenet's detector (its ONNX file is in the wheel).

Its other classes carry no signal on skin photographs and are not read.
"""

from __future__ import annotations

import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mmskin_build.errors import MissingDependencyError

INPUT_SIDE = 320
FACE_CLASSES = (1, 12)  # FACE_FEMALE and FACE_MALE in nudenet's list of labels
FLOOR = 0.05  # scores below are noise of the detector
CERTAIN = 0.7  # scores from here on need no second look


@dataclass(frozen=True, slots=True)
class Face:
    """One detected face; the box is x0, y0, x1, y1 in pixels of the picture."""

    box: tuple[float, float, float, float]
    score: float


@functools.lru_cache(maxsize=1)
def _session() -> Any:
    """Return the detector, loaded once per process on a single thread."""
    spec = importlib.util.find_spec("nudenet")
    if spec is None or spec.origin is None:
        raise MissingDependencyError("the face check needs nudenet: run `make setup`")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = Path(spec.origin).with_name("320n.onnx")
    return onnxruntime.InferenceSession(
        str(model), sess_options=options, providers=["CPUExecutionProvider"]
    )


def find_faces(image: np.ndarray) -> tuple[Face, ...]:
    """Return faces in a BGR picture, surest first, overlapping boxes merged.

    Skin, glands and gloves give the detector a half-sure face that depends on single pixels. A
    doubtful picture is therefore looked at twice more, mirrored and slightly blurred, and the
    scores are scaled to the mean of the two least sure of the three looks.
    """
    faces = _look(image)
    best = faces[0].score if faces else 0.0
    if not FLOOR < best < CERTAIN:
        return faces
    sigma = max(image.shape[:2]) / 400
    again = (np.ascontiguousarray(image[:, ::-1]), cv2.GaussianBlur(image, (0, 0), sigma))
    looks = sorted([best, *(max((f.score for f in _look(a)), default=0.0) for a in again)])
    factor = min(1.0, (looks[0] + looks[1]) / 2 / best)
    return tuple(Face(f.box, f.score * factor) for f in faces)


def _look(image: np.ndarray) -> tuple[Face, ...]:
    height, width = image.shape[:2]
    side = max(height, width)
    padded = cv2.copyMakeBorder(
        image, 0, side - height, 0, side - width, cv2.BORDER_CONSTANT, value=(0, 0, 0)
    )
    blob = cv2.dnn.blobFromImage(padded, 1 / 255.0, (INPUT_SIDE, INPUT_SIDE), swapRB=True)
    session = _session()
    output = session.run(None, {session.get_inputs()[0].name: blob})[0][0].T
    classes = output[:, 4:]
    scores = classes[:, FACE_CLASSES].max(axis=1)
    # A box belongs to a face only when no other class is surer of it.
    scores = np.where(scores >= classes.max(axis=1), scores, 0.0)
    keep = np.flatnonzero(scores >= FLOOR)
    boxes = _corners(output[keep, :4] * (side / INPUT_SIDE), width, height)
    return _merge(boxes, scores[keep])


def _corners(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    x, y, w, h = boxes.T
    corners = np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], axis=1)
    return np.asarray(np.clip(corners, 0, [width, height, width, height]))


def _merge(boxes: np.ndarray, scores: np.ndarray) -> tuple[Face, ...]:
    sizes = [[float(b[0]), float(b[1]), float(b[2] - b[0]), float(b[3] - b[1])] for b in boxes]
    chosen = cv2.dnn.NMSBoxes(sizes, [float(s) for s in scores], FLOOR, 0.45)
    faces = [
        Face(
            (float(boxes[i][0]), float(boxes[i][1]), float(boxes[i][2]), float(boxes[i][3])),
            float(scores[i]),
        )
        for i in np.asarray(chosen, dtype=int).ravel()
    ]
    return tuple(sorted(faces, key=lambda f: (-f.score, f.box)))

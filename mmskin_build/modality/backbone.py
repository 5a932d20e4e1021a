"""A second set of measurements: inner layers of the face detector that nudenet ships.

The detector was trained on photographs of people; its early and middle layers answer to
edges, textures and shapes of any picture. Only these layers are read here, never its
classes. The file is in the installed wheel; nothing of it is copied into this project.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mmskin_build.errors import MissingDependencyError
from mmskin_build.modality.working_image import without_margins

SIDE = 224
LAYERS = ("/model.4/cv2/act/Mul_output_0", "/model.6/cv2/act/Mul_output_0")
DEEP_LAYER = "/model.8/cv2/act/Mul_output_0"
PLACES = 2 * (64 + 128 + 256)  # mean and spread of every channel of the three layers


def _message(field: int, payload: bytes) -> bytes:
    """Return one length-delimited protocol buffer field."""
    size, head = len(payload), bytearray([field << 3 | 2])
    while size > 0x7F:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    head.append(size)
    return bytes(head) + payload


def _with_outputs(model: bytes, names: tuple[str, ...]) -> bytes:
    """Return an ONNX model that also returns the named inner values.

    Appending a second ``graph`` field (7) to the serialised model merges it with the first,
    so each appended ``output`` (field 12 of the graph) becomes one more output of the model.
    """
    outputs = b"".join(_message(12, _message(1, name.encode("ascii"))) for name in names)
    return model + _message(7, outputs)


@functools.lru_cache(maxsize=1)
def _session() -> Any:
    spec = importlib.util.find_spec("nudenet")
    if spec is None or spec.origin is None:
        raise MissingDependencyError("modality needs the package nudenet: run `make setup`")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = Path(spec.origin).with_name("320n.onnx").read_bytes()
    return onnxruntime.InferenceSession(
        _with_outputs(model, (*LAYERS, DEEP_LAYER)), options, providers=["CPUExecutionProvider"]
    )


def embed(image: np.ndarray) -> np.ndarray:
    """Return means and spreads of the inner layers for a BGR picture, float32."""
    # Squeezed to a square, not padded: the padding's shape would tell the site's format.
    square = cv2.resize(without_margins(image), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    blob = cv2.dnn.blobFromImage(square, 1 / 255.0, (SIDE, SIDE), swapRB=True)
    session = _session()
    values = session.run([*LAYERS, DEEP_LAYER], {session.get_inputs()[0].name: blob})
    parts = [part for value in values for part in _pooled(value[0])]
    return np.concatenate(parts).astype(np.float32)


def _pooled(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and spread per channel, the corners (logos) left out."""
    _, height, width = maps.shape
    y = np.abs((2 * np.arange(height) + 1) / height - 1)[:, None]
    x = np.abs((2 * np.arange(width) + 1) / width - 1)[None, :]
    body = ~((x > 0.55) & (y > 0.62))
    inside = maps[:, body]
    return inside.mean(axis=1), inside.std(axis=1)

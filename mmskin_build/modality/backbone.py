"""Further measurements: inner layers of two networks that were trained on ordinary photographs.

One is the detector that nudenet ships (read from the installed wheel, nothing of it is copied
here), one is MobileNet v1 (``model/NETWORK.md``). Their early and middle layers answer to edges,
textures and shapes of any picture. Only these layers are read, never what the networks say.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from mmskin_build.errors import MissingDependencyError

SIDE = 160
LAYERS = ("/model.4/cv2/act/Mul_output_0", "/model.6/cv2/act/Mul_output_0")
DETECTOR_PLACES = 2 * (64 + 128)  # mean and spread of every channel of the two layers
MOBILENET = Path(__file__).parent / "model" / "mobilenet_v1.onnx"
MOBILENET_PLACES = 512  # mean of every channel of its eleventh block
_GRAPH, _OUTPUT, _NAME = 7, 12, 1  # fields of ONNX's protocol buffers


def embed(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what detector and MobileNet measure on a BGR picture without margins, float32."""
    # Squeezed to a square, not padded: the padding's shape would tell the site's format.
    square = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    plain = cv2.dnn.blobFromImage(square, 1 / 255.0, (SIDE, SIDE), swapRB=True)
    layers = _detector().run(list(LAYERS), {_detector().get_inputs()[0].name: plain})
    parts = [part for value in layers for part in _pooled(value[0])]
    texture = _mobilenet().run(["p11"], {"image": plain * 2 - 1})[0][0]
    return np.concatenate(parts).astype(np.float32), _pooled(texture)[0].astype(np.float32)


def _pooled(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and spread per channel, the corners (logos) left out."""
    _, height, width = maps.shape
    y = np.abs((2 * np.arange(height) + 1) / height - 1)[:, None]
    x = np.abs((2 * np.arange(width) + 1) / width - 1)[None, :]
    body = ~((x > 0.55) & (y > 0.62))
    inside = maps[:, body]
    return inside.mean(axis=1), inside.std(axis=1)


@functools.lru_cache(maxsize=1)
def _detector() -> Any:
    spec = importlib.util.find_spec("nudenet")
    if spec is None or spec.origin is None:
        raise MissingDependencyError("modality needs the package nudenet: run `make setup`")
    model = Path(spec.origin).with_name("320n.onnx").read_bytes()
    return _session(with_outputs(model, LAYERS))


@functools.lru_cache(maxsize=1)
def _mobilenet() -> Any:
    return _session(MOBILENET.read_bytes())


def _session(model: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def with_outputs(model: bytes, names: tuple[str, ...]) -> bytes:
    """Return an ONNX model that returns the named inner values instead of its own outputs.

    What only its own outputs needed is then not computed.
    """
    parts = []
    for field, raw, payload in _fields(model):
        if field != _GRAPH:
            parts.append(raw)
            continue
        graph = [inner for number, inner, _ in _fields(payload) if number != _OUTPUT]
        graph += [_message(_OUTPUT, _message(_NAME, name.encode("ascii"))) for name in names]
        parts.append(_message(_GRAPH, b"".join(graph)))
    return b"".join(parts)


def _fields(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield number, whole bytes and payload of each field of a protocol buffer message."""
    at = 0
    while at < len(data):
        start = at
        key, at = _varint(data, at)
        kind, payload_at = key & 7, at
        if kind == 0:
            _, at = _varint(data, at)
        elif kind == 2:
            size, payload_at = _varint(data, at)
            at = payload_at + size
        else:
            at += 8 if kind == 1 else 4
        yield key >> 3, data[start:at], data[payload_at:at]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def _message(field: int, payload: bytes) -> bytes:
    """Return one length-delimited protocol buffer field."""
    size, head = len(payload), bytearray([field << 3 | 2])
    while size > 0x7F:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    head.append(size)
    return bytes(head) + payload

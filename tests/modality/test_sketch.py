from __future__ import annotations

import base64

import numpy as np
import pytest

from mmskin_build.modality.model import shipped_model
from mmskin_build.modality.sketch import PLACES, read_sketch, sketch


def unlike(seed: int) -> np.ndarray:
    model = shipped_model()
    noise = np.random.default_rng(seed).normal(size=model.centre.size)
    return np.asarray(model.centre + model.scale * noise)


def test_sketches_keep_distances() -> None:
    near, far = unlike(1), unlike(2)
    start, beside, away = (
        read_sketch(sketch(d, shipped_model())) for d in (near, near * 0.9 + far * 0.1, far)
    )
    assert np.linalg.norm(start - beside) < 0.3 * np.linalg.norm(start - away)


def test_sketch_is_short_text_and_repeats() -> None:
    text = sketch(unlike(1), shipped_model())
    assert text == sketch(unlike(1), shipped_model())
    assert len(base64.b64decode(text)) == PLACES


@pytest.mark.parametrize("text", ["", base64.b64encode(b"short").decode()])
def test_no_sketch_reads_as_zeros(text: str) -> None:
    assert not read_sketch(text).any()

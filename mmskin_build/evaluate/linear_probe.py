"""A linear probe on the picture tokens: what the published code calls SFT classification.

It fits a logistic regression on frozen features. It does not fine-tune the model, and where
the projector was not trained its figures are those of the base model: report the base beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from mmskin_build.errors import ConfigError
from mmskin_build.train.base import LoadedBase
from mmskin_build.train.images import ImageTransform

SEED = 42
_FOLDS = 5
_STRENGTHS = (-5, 1, 10)  # inverse regularisation: 10 values from 1e-5 to 10


def image_features(
    base: LoadedBase,
    transform: ImageTransform,
    images: Sequence[str],
    batch_size: int,
    report: Callable[[int, int], None],
) -> Any:
    """Return the mean over the projected patch tokens of each picture, one line each."""
    import numpy as np
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = base.model.eval().to(device)
    parts = []
    for start in range(0, len(images), batch_size):
        chunk = images[start : start + batch_size]
        pixels = torch.stack([transform(image) for image in chunk]).to(device, model.dtype)
        with torch.inference_mode():
            tokens = model.get_image_features(pixel_values=pixels, **_layer(model)).pooler_output
        parts += [token.float().mean(dim=-2).cpu().numpy() for token in tokens]
        report(min(start + batch_size, len(images)), len(images))
    return np.stack(parts)


def _layer(model: Any) -> dict[str, Any]:
    config = model.config
    return {
        "vision_feature_layer": config.vision_feature_layer,
        "vision_feature_select_strategy": config.vision_feature_select_strategy,
    }


def fit_probe(features: Any, labels: Sequence[str]) -> Any:
    """Return scaler and logistic regression, its strength chosen by cross-validated AUROC.

    Raises:
        ConfigError: fewer than two classes, or a class too small to be cross-validated.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    counts = Counter(labels)
    folds = min(_FOLDS, *counts.values()) if len(counts) > 1 else 0
    if folds < 2:
        raise ConfigError(
            "the probe needs at least two classes with two training pictures each; found "
            + ", ".join(f"{name}: {n}" for name, n in sorted(counts.items()))
        )
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, random_state=SEED))
    search = GridSearchCV(
        probe,
        {"logisticregression__C": np.logspace(*_STRENGTHS)},
        scoring="roc_auc_ovr" if len(counts) > 2 else "roc_auc",
        cv=StratifiedKFold(folds, shuffle=True, random_state=SEED),
    )
    search.fit(features, np.array(labels))
    return search.best_estimator_

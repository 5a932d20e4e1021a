"""Write the card of a trained model: where it comes from, how well it does, where it fails."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from mmskin_build.modality.acceptance import acceptance, macro_f1
from mmskin_build.modality.model import CLASSES, ImageModel
from mmskin_build.modality.training import DRAWINGS, DRAWN, VERSIONS, LeftOut, Samples

ERROR_RATES = (0.01, 0.02, 0.03, 0.05, 0.10)
BINS = (0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0001)


def model_card(samples: Samples, model: ImageModel, left: LeftOut) -> str:
    """Return the card as Markdown; figures only, no clock, so that it is rebuilt alike."""
    return "\n".join([*_head(samples, model), *_figures(left), *_reliability(left), *_limits(), ""])


def _head(samples: Samples, model: ImageModel) -> Iterator[str]:
    original = samples.version == 0
    yield "# Modality classifier\n"
    yield (
        "Tells clinical photographs, dermoscopy, pathology and other pictures apart. "
        f"A linear classifier (ridge logistic regression) over {model.centre.size} measurements: "
        "physics of the picture (`features.py`) and inner layers of the detector that the package "
        "nudenet ships (`backbone.py`; read from the installed package, nothing copied). "
        "`model.npz` holds plain arrays, no pickle and no picture.\n"
    )
    yield "Rebuild it bit for bit: `python -m stages train-modality FOLDER -o OUT`.\n"
    yield "## Trained on\n"
    yield (
        f"Each picture as it is and in {VERSIONS} versions as books might print it (crop, scale, "
        f"tint, grey, halftone, JPEG), and {DRAWINGS} synthetic pictures of class other "
        f"(`drawings.py`, source `{DRAWN}`).\n"
    )
    yield "| source | " + " | ".join(CLASSES) + " |\n|---|" + "---|" * len(CLASSES)
    for source in sorted(set(samples.source)):
        own = original & (samples.source == source)
        counts = [int((samples.label[own] == k).sum()) for k in range(len(CLASSES))]
        yield f"| {source} | " + " | ".join(str(n) for n in counts) + " |"
    yield "\nCollections and their licences, as the training folder states them:\n"
    yield from (f"- {line}" for line in samples.licences)


def _figures(left: LeftOut) -> Iterator[str]:
    said = left.probabilities.argmax(axis=1)
    yield "\n## On sources never seen\n"
    yield (
        "Every figure below is leave-one-source-out: each source is judged by a model trained "
        "without it. One number, the slope of the calibration, is fitted to these left-out "
        "scores.\n"
    )
    yield f"- pictures: {len(left.label)}"
    yield f"- accuracy: {(said == left.label).mean():.3f}"
    yield f"- macro-F1: {macro_f1(left):.3f}"
    yield f"- accuracy on their bookish versions: {left.bookish_accuracy:.3f}\n"
    yield "| is \\ said | " + " | ".join(CLASSES) + " |\n|---|" + "---|" * len(CLASSES)
    for k, name in enumerate(CLASSES):
        counts = [int(((left.label == k) & (said == j)).sum()) for j in range(len(CLASSES))]
        yield f"| {name} | " + " | ".join(str(n) for n in counts) + " |"
    yield "\n| source left out | pictures | right |\n|---|---|---|"
    for source in sorted(set(left.source)):
        own = left.source == source
        yield f"| {source} | {own.sum()} | {(said == left.label)[own].mean():.2f} |"
    yield "\n| wanted error rate | accepted without a person | of these right |\n|---|---|---|"
    for rate in ERROR_RATES:
        result = acceptance(left, rate)
        yield f"| {rate:.2f} | {result.accepted:.3f} | {result.right:.3f} |"


def _reliability(left: LeftOut) -> Iterator[str]:
    first = left.probabilities.max(axis=1)
    right = left.probabilities.argmax(axis=1) == left.label
    yield "\n## Reliability\n"
    yield "| stated probability | pictures | mean stated | really right |\n|---|---|---|---|"
    for low, high in itertools.pairwise(BINS):
        own = (first >= low) & (first < high)
        if own.any():
            span = f"{low:.2f} – {min(high, 1):.2f}"
            yield f"| {span} | {own.sum()} | {first[own].mean():.3f} | {right[own].mean():.3f} |"


def _limits() -> Iterator[str]:
    yield "\n## Limits\n"
    yield (
        "- Dermoscopy comes from one archive only; handheld and non-polarised devices of other "
        "makers may look different."
    )
    yield "- Pathology is mostly not skin; immunofluorescence and frozen sections are rare."
    yield (
        "- Leaving out a source that is nearly the only one of its class (diagrams, close-up "
        "photographs) is harder than a new book will be, and the figures above include it."
    )
    yield (
        "- The ridge strengths, the wanted error rate and the least margin were chosen with these "
        "figures in view; expect new sources to do slightly worse."
    )
    yield "- Compound pictures of several kinds have no right answer here; they go to review."
    yield "- Not a medical device; it sorts pictures, it does not diagnose."

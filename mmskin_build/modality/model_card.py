"""Write the card of a trained model: where it comes from, how well it does, where it fails."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from mmskin_build.modality.acceptance import acceptance, accepted, macro_f1
from mmskin_build.modality.model import CLASSES, ImageModel
from mmskin_build.modality.settings import ModalitySettings
from mmskin_build.modality.training import DRAWINGS, DRAWN, VERSIONS, LeftOut, Samples

ERROR_RATES = (0.01, 0.02, 0.03, 0.04, 0.05, 0.10)
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
        "physics of the picture (`features.py`), inner layers of the detector that the package "
        "nudenet ships (read from the installed package) and of MobileNet v1 (`NETWORK.md`). One "
        "expert per group of measurements, their scores averaged. `model.npz` holds plain arrays, "
        "no pickle and no picture.\n"
    )
    yield "Rebuild it bit for bit: `python -m stages train-modality FOLDER -o OUT`.\n"
    yield "## Trained on\n"
    yield (
        f"Each picture as it is and in {VERSIONS} versions as books might print it (crop, scale, "
        f"tint, grey, halftone, JPEG), once as another source of its kind might have it (a closer "
        f"lens, another dermatoscope, another stain; `elsewhere.py`), and {DRAWINGS} synthetic "
        f"pictures of class other (`drawings.py`, source `{DRAWN}`).\n"
    )
    yield "| source | " + " | ".join(CLASSES) + " |\n|---|" + "---|" * len(CLASSES)
    for source in sorted(set(samples.source)):
        own = original & (samples.source == source)
        counts = [int((samples.label[own] == k).sum()) for k in range(len(CLASSES))]
        yield f"| {source} | " + " | ".join(str(n) for n in counts) + " |"
    yield "\nCollections and their licences, as the training folder states them:\n"
    yield from (f"- {line}" for line in samples.licences)


def _figures(left: LeftOut) -> Iterator[str]:
    own = left.originals
    said = own.probabilities.argmax(axis=1)
    yield "\n## On sources never seen\n"
    yield (
        "Every figure below is leave-one-source-out: each source is judged by a model trained "
        "without it. One number, the slope of the calibration, is fitted to all left-out scores; "
        "the conformal floor of a source comes from the others.\n"
    )
    printed = left.bookish
    yield "| | pictures | accuracy | macro-F1 |\n|---|---|---|---|"
    for name, part in (("as they are", own), ("as books might print them", printed)):
        right = (part.probabilities.argmax(axis=1) == part.label).mean()
        yield f"| {name} | {len(part.label)} | {right:.3f} | {macro_f1(part):.3f} |"
    yield "\n| is \\ said | " + " | ".join(CLASSES) + " |\n|---|" + "---|" * len(CLASSES)
    for k, name in enumerate(CLASSES):
        counts = [int(((own.label == k) & (said == j)).sum()) for j in range(len(CLASSES))]
        yield f"| {name} | " + " | ".join(str(n) for n in counts) + " |"
    yield from _sources(left)
    yield from _rates(left)


def _sources(left: LeftOut) -> Iterator[str]:
    rate = ModalitySettings().error_rate
    chosen = accepted(left, rate)
    yield (
        f"\nAt the default settings (`error_rate` {rate}):\n\n"
        "| source left out | pictures | right | accepted | of these right |"
        " printed: accepted | of these right |\n|---|---|---|---|---|---|---|"
    )
    for source in sorted(set(left.source)):
        cells = [source, str(((left.source == source) & (left.version == 0)).sum())]
        for version, part in ((0, left.version == 0), (1, left.version > 0)):
            rows = part & (left.source == source)
            right = (left.probabilities.argmax(axis=1) == left.label)[rows]
            cells += [f"{right.mean():.2f}"] if version == 0 else []
            sure = chosen[rows]
            cells += [f"{sure.mean():.2f}", f"{right[sure].mean():.3f}" if sure.any() else "–"]
        yield "| " + " | ".join(cells) + " |"


def _rates(left: LeftOut) -> Iterator[str]:
    yield (
        "\n| `error_rate` | accepted without a person | of these right |"
        " printed: accepted | of these right |\n|---|---|---|---|---|"
    )
    for rate in ERROR_RATES:
        chosen = accepted(left, rate)
        own = acceptance(left.originals, chosen[left.version == 0])
        book = acceptance(left.bookish, chosen[left.version > 0])
        yield (
            f"| {rate:.2f} | {own.accepted:.3f} | {own.right:.3f} "
            f"| {book.accepted:.3f} | {book.right:.3f} |"
        )


def _reliability(left: LeftOut) -> Iterator[str]:
    yield "\n## Reliability\n"
    yield (
        "| stated probability | pictures | mean stated | really right |"
        " printed: pictures | mean stated | really right |\n|---|---|---|---|---|---|---|"
    )
    for low, high in itertools.pairwise(BINS):
        cells = [f"{low:.2f} – {min(high, 1):.2f}"]
        for part in (left.originals, left.bookish):
            first = part.probabilities.max(axis=1)
            right = part.probabilities.argmax(axis=1) == part.label
            own = (first >= low) & (first < high)
            cells += [str(own.sum())]
            cells += [f"{x[own].mean():.3f}" if own.any() else "–" for x in (first, right)]
        yield "| " + " | ".join(cells) + " |"


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
        "- Which measurements and versions to use was chosen on pictures as they are and as books "
        "might print them, in other splits (four sources left out at once), the wanted error rate "
        "and the least margin with these figures in view; expect new sources to do slightly worse."
    )
    yield "- Compound pictures of several kinds have no right answer here; they go to review."
    yield "- Not a medical device; it sorts pictures, it does not diagnose."

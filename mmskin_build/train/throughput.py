"""How much of a card's bfloat16 rate a training run reached."""

from __future__ import annotations

# Nominal dense bfloat16 rates in operations per second (without sparsity; check them against the
# maker's data sheet before quoting a share). The first name that occurs in the device's name
# counts, so the more special names come first.
_BF16_RATES = (
    ("H200", 989e12),
    ("H100 PCIe", 756e12),
    ("H100 NVL", 835e12),
    ("H100", 989e12),
    ("A100", 312e12),
    ("L40S", 362e12),
)


def bf16_rate(device: str) -> float | None:
    """Return the card's dense bfloat16 rate, None for a card that is not listed."""
    return next((rate for name, rate in _BF16_RATES if name in device), None)


def operations_per_token(total: int, trainable: int) -> int:
    """Return the model's operations per token, recomputed activations not counted.

    Two per parameter forward, two for the gradient that passes through it, and two more where
    it learns. Attention is left out, and the few parameters of the vision tower are counted as
    if they read every token: a rough estimate, meant to compare runs of one recipe.
    """
    return 4 * total + 2 * trainable

"""The record of a run: what was trained, on what, how, and how it went."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from mmskin_build.errors import ConfigError
from mmskin_build.train.throughput import bf16_rate, operations_per_token

FILE_NAME = "run_card.json"
_PACKAGES = ("torch", "transformers", "peft", "accelerate", "tokenizers", "pillow")


@dataclass(frozen=True, slots=True)
class RunCard:
    """All that is needed to judge a run and to repeat it.

    Attributes:
        base: hub id, or folder relative to the run folder.
        notice: what must be said of the model wherever it is named; '' for a real base.
    """

    base: str
    base_revision: str
    notice: str
    prompt: str
    data: str
    data_digest: str
    train_rows: int
    train_images: int
    validation_rows: int
    seed: int
    steps: int
    first_loss: float
    last_loss: float
    validation_loss: float | None
    trainable_parameters: int
    total_parameters: int
    seconds: float
    tokens_per_second: float
    device: str
    peak_memory_mb: float
    settings: dict[str, Any]
    versions: dict[str, str] = field(default_factory=lambda: package_versions())
    processes: int = 1

    @property
    def model_flop_utilisation(self) -> float | None:
        """Return the share of the cards' bfloat16 rate reached, None where it is not known."""
        rate = bf16_rate(self.device)
        # Packed 4-bit weights hide the number of parameters.
        if rate is None or self.settings.get("base", {}).get("four_bit"):
            return None
        needed = operations_per_token(self.total_parameters, self.trainable_parameters)
        return self.tokens_per_second * needed / (rate * self.processes)

    def save(self, folder: Path) -> None:
        """Write ``run_card.json`` and a README beside it."""
        text = json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False)
        (folder / FILE_NAME).write_text(text + "\n", encoding="utf-8")
        (folder / "README.md").write_text(self.as_markdown(), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> RunCard:
        """Read the card of a run folder.

        Raises:
            ConfigError: the folder holds no finished run.
        """
        try:
            content = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
            return cls(**content)
        except (OSError, ValueError, TypeError) as error:
            raise ConfigError(
                f"{folder}: no finished training run ({error}); run `make train` first "
                "or name one with --run"
            ) from None

    def base_path(self, folder: Path) -> str:
        """Return where the base is: a path for a local base, else the hub id."""
        local = folder / self.base
        return str(local) if local.is_dir() else self.base

    def as_markdown(self) -> str:
        """Return the card for people."""
        notice = f"> **{self.notice}.** Its answers mean nothing outside this demonstration.\n\n"
        validation = "none" if self.validation_loss is None else f"{self.validation_loss:.4f}"
        share = self.model_flop_utilisation
        utilisation = "not known for this device" if share is None else f"{share:.1%} (estimate)"
        losses = f"{self.first_loss:.4f} → {self.last_loss:.4f}"
        rows = [
            ("base model", f"`{self.base}` {self.base_revision}".strip()),
            ("training rows", f"{self.train_rows} on {self.train_images} images ({self.data})"),
            ("data digest", f"`{self.data_digest[:16]}`"),
            ("steps, seed", f"{self.steps}, {self.seed}"),
            ("training loss, first and last steps", losses),
            ("validation loss", f"{validation} ({self.validation_rows} rows)"),
            ("trainable parameters", f"{self.trainable_parameters:,} of {self.total_parameters:,}"),
            ("time", f"{self.seconds:.0f} s on {self.device}"),
            ("tokens per second", f"{self.tokens_per_second:,.0f}"),
            ("share of the bf16 rate", utilisation),
            ("peak memory", f"{self.peak_memory_mb:,.0f} MiB"),
            ("versions", ", ".join(f"{k} {v}" for k, v in sorted(self.versions.items()))),
        ]
        table = "\n".join(f"| {name} | {value} |" for name, value in rows)
        return (
            f"# Training run\n\n{notice if self.notice else ''}"
            f"| | |\n| --- | --- |\n{table}\n\n"
            "Files: `adapter/` (LoRA and all modules trained whole), `loss.csv`, `loss.png`, "
            "`run_card.json` (all settings), `trained_on.json` (groups and pictures seen).\n"
        )


def package_versions() -> dict[str, str]:
    """Return the versions of the packages that decide a run's numbers."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found

"""Which settings class each config section holds; ``configs/default.yaml`` shows them all."""

from __future__ import annotations

from mmskin_build.config import RunnerSettings

SECTIONS: dict[str, type] = {
    "runner": RunnerSettings,
}

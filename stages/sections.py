"""Which settings class each config section holds; ``configs/default.yaml`` shows them all."""

from __future__ import annotations

from mmskin_build.align.settings import AlignSettings
from mmskin_build.config import RunnerSettings
from mmskin_build.demographics.settings import DemographicsSettings
from mmskin_build.duplicates.settings import DuplicateSettings
from mmskin_build.export.settings import ExportSettings
from mmskin_build.modality.settings import ModalitySettings
from mmskin_build.ocr.settings import OcrSettings
from mmskin_build.pdf.settings import ExtractSettings
from mmskin_build.screening.settings import ScreeningSettings
from mmskin_build.splits.settings import SplitSettings
from mmskin_build.vqa.llm.settings import LlmSettings
from mmskin_build.vqa.settings import VqaSettings

SECTIONS: dict[str, type] = {
    "runner": RunnerSettings,
    "extract": ExtractSettings,
    "ocr": OcrSettings,
    "align": AlignSettings,
    "modality": ModalitySettings,
    "demographics": DemographicsSettings,
    "duplicates": DuplicateSettings,
    "filter": ScreeningSettings,
    "vqa": VqaSettings,
    "llm": LlmSettings,
    "split": SplitSettings,
    "export": ExportSettings,
}

"""Captions as a reader would transcribe them, with everything taken out kept beside them."""

from __future__ import annotations

from mmskin_build.captions.cleaning import CleanCaption, clean_caption, restore
from mmskin_build.captions.vocabulary import Vocabulary

__all__ = ["CleanCaption", "Vocabulary", "clean_caption", "restore"]

"""recipe.yaml of a release: settings and versions, so that an owner can make it again."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

from mmskin_build import __version__
from mmskin_build.config import published
from mmskin_build.errors import ConfigError
from mmskin_build.records import Source
from mmskin_build.runner.code import package_digest
from mmskin_build.runner.programs import MISSING, program_version
from mmskin_build.sources import profile_file
from mmskin_build.stage import Recipe

FILE_NAME = "recipe.yaml"
HEAD = "# How this release was made; `python -m stages rebuild` follows it.\n"
# Packages whose versions can change rows.
PACKAGES = (
    "pymupdf",
    "pdfplumber",
    "pikepdf",
    "pypdfium2",
    "pytesseract",
    "opencv-python-headless",
    "scikit-image",
    "numpy",
    "pillow",
    "spacy",
    "pysbd",
    "rapidfuzz",
)


@dataclass(frozen=True, slots=True)
class WrittenRecipe:
    """A recipe as it stands in a release.

    Attributes:
        software: version by program; ``code`` is a digest of this project's own files.
        stages: version by stage.
        settings: plain values by section.
        profiles: text of each book profile that a source names.
    """

    software: dict[str, str] = field(default_factory=dict)
    stages: dict[str, int] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    profiles: dict[str, str] = field(default_factory=dict)


def write_recipe(root: Path, recipe: Recipe, sources: Iterable[Source]) -> Path:
    """Write the recipe of a build and return the file."""
    content = {
        "software": software(),
        "stages": dict(recipe.versions),
        "settings": published(recipe.settings),
        "profiles": _profiles(sources),
    }
    path = root / FILE_NAME
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def read_recipe(path: Path) -> WrittenRecipe:
    """Return the recipe of a release.

    Raises:
        ConfigError: no recipe there, or not one.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return WrittenRecipe(**content)
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such file; only releases that carry their recipe can be rebuilt"
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError) as error:
        raise ConfigError(f"{path}: not a recipe: {error}") from None


def software() -> dict[str, str]:
    """Return what is installed here, by name."""
    found = {"mmskin-build": __version__, "code": package_digest()}
    found["python"] = platform.python_version()
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = MISSING
    found["tesseract"] = program_version("tesseract").removeprefix("tesseract ")
    return found


def _profiles(sources: Iterable[Source]) -> dict[str, str]:
    files = {source.profile: profile_file(source) for source in sources}
    return {name: file.read_text(encoding="utf-8") for name, file in files.items() if file}

"""Settings from YAML: one section per stage, unknown keys refused with the nearest name.

Each section is a frozen dataclass whose fields carry a help text in ``metadata["help"]``; the
sections a build knows are handed in by the recipe, so that this module knows no stage.
"""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from mmskin_build.errors import ConfigError


@dataclass(frozen=True, slots=True)
class RunnerSettings:
    """How a build runs; none of these changes a row, but for pages skipped at a limit."""

    workers: int = field(
        default=0, metadata={"help": "parallel worker processes; 0 means one per core"}
    )
    page_timeout_s: float = field(
        default=120.0,
        metadata={"help": "seconds a worker may spend on one page before it is killed"},
    )
    source_timeout_s: float = field(
        default=3600.0,
        metadata={"help": "seconds a worker may work without naming a new page"},
    )
    worker_memory_mb: int = field(
        default=4096, metadata={"help": "resident memory (MiB) at which a worker is killed"}
    )

    range_pages: int = field(
        default=100,
        metadata={"help": "a longer book's pages are shared out in ranges of at most so many"},
    )

    def __post_init__(self) -> None:
        """Refuse settings no run could work with."""
        if self.workers < 0:
            raise ValueError("workers must be 0 (one per core) or more")
        if self.range_pages < 1:
            raise ValueError("range_pages must be at least 1")
        for name in ("page_timeout_s", "source_timeout_s", "worker_memory_mb"):
            if not getattr(self, name) > 0:  # not a number, too
                raise ValueError(f"{name} must be above 0")


def load_config(path: Path | None, sections: Mapping[str, type]) -> dict[str, Any]:
    """Return the settings of every section; absent ones get their defaults.

    Raises:
        ConfigError: unreadable file, unknown section or key, value of the wrong type.
    """
    return settings_of(_read_yaml(path) if path else {}, path, sections)


def settings_of(
    given: Mapping[str, Any], path: Path | None, sections: Mapping[str, type]
) -> dict[str, Any]:
    """Return the settings of every section from what a file at ``path`` gives of them.

    Raises:
        ConfigError: unknown section or key, value of the wrong type.
    """
    for name in given:
        if name not in sections:
            raise ConfigError(f"{path}: unknown section {name!r}{_nearest(name, sections)}")
    return {name: _section(path, name, cls, given.get(name)) for name, cls in sections.items()}


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such config file") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path}: not readable as YAML: {error}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: expected sections such as 'align:', found {_in_words(content)}")
    return content


def _section(path: Path | None, name: str, cls: type, values: Any) -> Any:
    where = f"{path}: section {name!r}"
    values = {} if values is None else values
    if not isinstance(values, dict):
        raise ConfigError(f"{where}: expected 'key: value' lines, found {_in_words(values)}")
    hints = typing.get_type_hints(cls)
    known = [f.name for f in dataclasses.fields(cls)]
    for key in values:
        if key not in known:
            raise ConfigError(f"{where}: unknown key {key!r}{_nearest(str(key), known)}")
    converted = {}
    for key, value in values.items():
        try:
            converted[key] = _convert(value, hints[key], key)
        except ValueError as error:
            default = yaml.safe_dump({key: _plain(getattr(cls(), key))}, default_flow_style=True)
            shown = default.strip().strip("{}")
            raise ConfigError(f"{where}: {error}; the default is '{shown}'") from None
    try:
        return cls(**converted)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from None


def _convert(value: Any, hint: Any, key: str) -> Any:
    """Return ``value`` as the type of its field; lists become tuples, ints pass as floats."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        options = typing.get_args(hint)
        if value is None and type(None) in options:
            return None
        return _convert(value, next(o for o in options if o is not type(None)), key)
    if origin is tuple and isinstance(value, list):
        item = typing.get_args(hint)[0]
        return tuple(_convert(v, item, key) for v in value)
    if isinstance(hint, type):
        return _convert_plain(value, hint, key)
    if origin in (dict, Mapping) or str(origin).endswith("Mapping'>"):
        return value
    wanted = "a list" if origin is tuple else str(hint)
    raise ValueError(f"{key}: {value!r} is {_in_words(value)}, not {wanted}")


def _convert_plain(value: Any, hint: type, key: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if issubclass(hint, str) and hint is not str and isinstance(value, str):
        if value not in list(hint):  # type: ignore[call-overload]
            options = ", ".join(hint)  # type: ignore[arg-type]
            raise ValueError(f"{key}: {value!r} is not one of {options}")
        return hint(value)
    if isinstance(value, hint) and not (hint is int and isinstance(value, bool)):
        return value
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return hint(**value)
    raise ValueError(
        f"{key}: {value!r} is {_in_words(value)}, not {_WORDS.get(hint, hint.__name__)}"
    )


_WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text (put it in quotes)",
    tuple: "a list",
}


def _in_words(value: Any) -> str:
    words: dict[type, str] = {**_WORDS, str: "text", bool: "a yes or no", dict: "a group of keys"}
    words |= {list: "a list", type(None): "nothing"}
    return words.get(type(value), _kind(value))


def _kind(value: Any) -> str:
    return type(value).__name__


def _nearest(name: str, known: typing.Iterable[str]) -> str:
    options = list(known)
    close = difflib.get_close_matches(str(name), options, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{hint} (known: {', '.join(sorted(options))})"


def render_defaults(sections: Mapping[str, type]) -> str:
    """Return a YAML file of every setting with its default and its help text as a comment."""
    lines: list[str] = []
    for name, cls in sections.items():
        lines.append(f"{name}:")
        defaults = cls()
        for item in dataclasses.fields(cls):
            lines.append(f"  # {item.metadata.get('help', '')}")
            value = _plain(getattr(defaults, item.name))
            text = yaml.safe_dump({item.name: value}, default_flow_style=False, width=88)
            lines.extend(f"  {line}" for line in text.rstrip().splitlines())
        lines.append("")
    return "\n".join(lines)


def published(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return settings as plain values for others to read.

    Left out is what decides no row (section ``runner``) and every field marked ``secret``.
    """
    return {
        name: {
            f.name: _plain(getattr(section, f.name))
            for f in dataclasses.fields(section)
            if not f.metadata.get("secret")
        }
        for name, section in sorted(settings.items())
        if name != "runner"
    }


def _plain(value: Any) -> Any:
    """Return a value as YAML knows it: tuples as lists, enums as text, records as mappings."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    return str(value) if isinstance(value, str) else value

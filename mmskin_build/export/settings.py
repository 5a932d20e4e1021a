"""What a release is called and what goes into it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


class Audience(StrEnum):
    """For whom a release is."""

    PRIVATE = "private"  # for the owner of the books: everything is embedded
    PUBLIC = "public"  # for everybody: only what each source allows


class Embed(StrEnum):
    """What a public release does with a source that does not allow everything."""

    ALLOWED = "allowed"  # pointers in place of what is not allowed
    ALL = "all"  # refuse: LicenceError


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """Settings of the export stage; none of them changes which rows there are."""

    name: str = field(
        default="mmskin-dataset", metadata={"help": "name of the release and of its folder"}
    )
    version: str = field(
        default="0.1.0", metadata={"help": "version printed in the data card and CITATION.cff"}
    )
    release: Audience = field(
        default=Audience.PRIVATE,
        metadata={"help": "private embeds everything; public only what each source allows"},
    )
    embed: Embed = field(
        default=Embed.ALLOWED,
        metadata={
            "help": "public release: allowed writes pointers for what a source forbids, "
            "all refuses to go on"
        },
    )
    shard_mb: int = field(
        default=400, metadata={"help": "size (MB) at which a parquet file is closed, 1 to 500"}
    )
    row_group_rows: int = field(
        default=100, metadata={"help": "rows per parquet row group; small because of the images"}
    )
    multi_turn: bool = field(
        default=False,
        metadata={"help": "also write LLaVA JSON with all questions of an image in one talk"},
    )
    llava: bool = field(default=True, metadata={"help": "write llava/ (JSON and image folder)"})
    compat: bool = field(
        default=True, metadata={"help": "write mmskin_compat/ for the published evaluator"}
    )
    coco: bool = field(default=True, metadata={"help": "write coco/ (COCO captions)"})
    croissant: bool = field(default=True, metadata={"help": "write croissant.json"})
    lmms_eval: bool = field(default=True, metadata={"help": "write lmms_eval/ (a task for it)"})
    webdataset: bool = field(default=False, metadata={"help": "write webdataset/ (tar shards)"})
    vlmeval: bool = field(default=False, metadata={"help": "write vlmeval/ (VLMEvalKit TSV)"})

    def __post_init__(self) -> None:
        """Refuse settings that could not be written."""
        if not _NAME.fullmatch(self.name):
            raise ValueError("name may hold letters, digits, '.', '_' and '-'")
        if not self.version.strip():
            raise ValueError("version must not be empty")
        if not 1 <= self.shard_mb <= 500:
            raise ValueError("shard_mb must lie between 1 and 500")
        if self.row_group_rows < 1:
            raise ValueError("row_group_rows must be 1 or more")
        for name, options in (("release", Audience), ("embed", Embed)):
            if getattr(self, name) not in set(options):
                raise ValueError(f"{name} must be one of {', '.join(options)}")

"""Croissant metadata: the files, the tables and their columns, for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mmskin_build.export.checksums import sha256_of
from mmskin_build.export.parquet import Written
from mmskin_build.export.rows import ROW_TYPES, ReleaseRow
from mmskin_build.export.settings import ExportSettings
from mmskin_build.export.shards import features_of

_TYPES = {"string": "sc:Text", "int64": "sc:Integer", "float64": "sc:Float", "bool": "sc:Boolean"}
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def write_croissant(
    root: Path, written: Iterable[Written], licences: list[str], settings: ExportSettings
) -> None:
    """Write ``croissant.json`` for the parquet tables of a release."""
    tables = list(written)
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": settings.name,
        "description": "Dermatology images with captions, questions and stated age and sex, "
        "built from textbooks by mmskin-build. Not for diagnosis.",
        "license": licences,
        "url": f"https://example.org/{settings.name}",
        "version": settings.version,
        "citeAs": f"{settings.name} {settings.version}, built with mmskin-build",
        "rai:dataCollection": "Figures and captions extracted from PDF textbooks.",
        "rai:personalSensitiveInformation": "Age, sex and pictures of skin; recognisable faces "
        "are filtered by software and not guaranteed absent.",
        "distribution": [_file(root, path) for t in tables for path in t.files],
        "recordSet": [
            _record_set(kind, path, root)
            for kind in ROW_TYPES
            for table in tables
            if table.config == kind.config and table.rows
            for path in table.files
        ],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (root / "croissant.json").write_text(text + "\n", encoding="utf-8")


def _id(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _file(root: Path, path: Path) -> dict[str, Any]:
    name = _id(root, path)
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "encodingFormat": "application/x-parquet",
        "sha256": sha256_of(path),
    }


def _record_set(kind: type[ReleaseRow], path: Path, root: Path) -> dict[str, Any]:
    """Describe the rows of one file; a file set would need an archive around the folder."""
    name = f"{kind.config}-{path.stem}"
    fields = []
    for column, feature in features_of(kind).items():
        extract: dict[str, Any] = {"column": column}
        source: dict[str, Any] = {"fileObject": {"@id": _id(root, path)}, "extract": extract}
        entry: dict[str, Any] = {
            "@type": "cr:Field",
            "@id": f"{name}/{column}",
            "name": column,
            "source": source,
        }
        if feature["_type"] == "Image":
            source["transform"] = {"jsonPath": "bytes"}
            entry["dataType"] = "sc:ImageObject"
        elif feature["_type"] == "Sequence":
            entry["dataType"] = _TYPES[feature["feature"]["dtype"]]
            entry["repeated"] = True
        else:
            entry["dataType"] = _TYPES[feature["dtype"]]
        fields.append(entry)
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": kind.about,
        "field": fields,
    }

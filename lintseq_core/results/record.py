"""The record of a run: what was asked, with what, where, and what came out."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from lintseq_core.data.files import whole_file
from lintseq_core.edits.formats import EditFormatName, checked_format
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text

SCHEMA_VERSION = 2
"""1 had no edit format in `config`, which means the paper's."""
_SUFFIX = ".record.json"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class RunRecordError(LintSeqError):
    """A run record that does not fit the schema; the message names the file and the field."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything needed to say what a number means and to get it again."""

    kind: str
    """What was run: "evaluate", "generate", "experiment" ..."""
    name: str
    created: str
    """UTC, as in 2026-11-24T19:40:00Z."""
    command: str
    """The command line, as typed."""
    config: Mapping[str, Any] = field(default_factory=dict)
    seeds: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    """Python, this package, and the packages and data sets that the result depends on."""
    device: Mapping[str, Any] = field(default_factory=dict)
    isolation: str | None = None
    """What the programs could reach: L0 to L4; None where none were run."""
    integrity: str | None = None
    """Who decided the verdicts: I0 to I2."""
    promised: Mapping[str, int] = field(default_factory=dict)
    """Samples by problem that the run was to decide; a result with fewer rows is incomplete."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Rows by verdict or by reason."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    """sha256 by file name: inputs, benchmark and outputs."""
    schema_version: int = SCHEMA_VERSION

    @property
    def edit_format(self) -> EditFormatName:
        """What samples in edits are written in; a record that names none means the paper's.

        LintSeqError for a format that this release does not know.
        """
        return checked_format(self.config.get("edit_format"), self.name)

    def to_json(self) -> str:
        """The record as indented JSON with a final line break."""
        return json_text(dataclasses.asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str, name: str = "record") -> RunRecord:
        """The record in `text`; RunRecordError names what does not fit."""
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise RunRecordError(f"{name}: not JSON ({error}); restore the file") from None
        if not isinstance(raw, dict):
            raise RunRecordError(f"{name}: expected one JSON object")
        version = raw.get("schema_version")
        if version not in range(1, SCHEMA_VERSION + 1) or isinstance(version, bool):
            raise RunRecordError(
                f"{name}: schema_version is {version!r}, this program reads 1 and "
                f"{SCHEMA_VERSION}; update lintseq-core"
            )
        known = {one.name for one in dataclasses.fields(cls)}
        if unknown := sorted(raw.keys() - known):
            raise RunRecordError(f"{name}: unknown field {unknown[0]!r}; remove it")
        for field_name in ("kind", "name", "created", "command"):
            if not isinstance(raw.get(field_name), str):
                raise RunRecordError(f"{name}: field {field_name!r} must be a string")
        for field_name in ("isolation", "integrity"):
            if not isinstance(raw.get(field_name), str | None):
                raise RunRecordError(f"{name}: field {field_name!r} must be a string or null")
        for field_name, kind, words in _MAPPINGS:
            values = raw.get(field_name, {})
            if not isinstance(values, dict) or not all(map(kind, values.values())):
                raise RunRecordError(f"{name}: field {field_name!r} must be {words}")
        return cls(**raw)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_MAPPINGS = (
    ("config", lambda _: True, "an object"),
    ("device", lambda _: True, "an object"),
    ("seeds", lambda value: isinstance(value, int), "an object of whole numbers"),
    ("versions", lambda value: isinstance(value, str), "an object of strings"),
    ("promised", _is_count, "an object of counts"),
    ("counts", _is_count, "an object of counts"),
    (
        "hashes",
        lambda value: isinstance(value, str) and _SHA256.fullmatch(value) is not None,
        "an object of sha256 sums (64 hexadecimal digits)",
    ),
)


def record_path(results: Path) -> Path:
    """Where the record of the file `results` stands: beside it, as in rows.jsonl.record.json."""
    return results.with_name(results.name + _SUFFIX)


def write_record(record: RunRecord, path: Path) -> None:
    """Put `record` at `path`, whole or not at all."""
    with whole_file(path) as file:
        file.write(record.to_json().encode())


def read_record(path: Path) -> RunRecord:
    """The record at `path`; RunRecordError names what does not fit."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise RunRecordError(f"{path}: not UTF-8; restore the file") from None
    return RunRecord.from_json(text, str(path))


def utc_now() -> str:
    """The time as records write it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def installed_versions(*packages: str) -> dict[str, str]:
    """Python, lintseq-core and each of `packages` that is installed, with their versions."""
    found = {"python": platform.python_version()}
    for package in ("lintseq-core", *packages):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def this_device() -> dict[str, Any]:
    """System, processor architecture and number of usable cores of this machine."""
    usable = getattr(os, "sched_getaffinity", None)
    cores = len(usable(0)) if usable else os.cpu_count()
    return {"system": sys.platform, "machine": platform.machine(), "cores": cores}

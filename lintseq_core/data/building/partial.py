"""The folder of an unfinished build: what it was asked for, and the shards that are done.

A shard is the output of `shard_rows` rows of the source. It is done when its `.json` is there,
which is written last; each file appears whole or not at all. So a build that is killed anywhere
goes on after its last finished shard.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from lintseq_core.data.building.copies import Copies
from lintseq_core.data.building.items import Drop, Made
from lintseq_core.data.building.tally import BuildTally
from lintseq_core.data.files import whole_file
from lintseq_core.data.sources import FileFormat
from lintseq_core.edits.formats import UNIFIED
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text

_GZIP_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Request:
    """What a build was asked for; two equal requests give equal bytes."""

    settings: dict[str, Any]
    versions: dict[str, str]
    source: dict[str, Any]
    """Name, size and sha256; its time is left out, a copy is as good."""
    format: FileFormat

    def differences(self, asked: Request, places: tuple[str, str] = ("there", "now")) -> list[str]:
        """What stands here against what `asked` says, one phrase a difference."""
        there, now = places
        mine, theirs = asdict(self), asdict(asked)
        found = []
        for group in ("source", "settings", "versions"):
            names = list(mine[group] | theirs[group])
            for name in names:
                one, other = mine[group].get(name), theirs[group].get(name)
                if one != other:
                    label = name if group == "settings" else f"{group} {name}"
                    found.append(f"{label} {_shown(one)} {there}, {_shown(other)} {now}")
        if self.format != asked.format:
            found.append(f"format {_shown(self.format)} {there}, {_shown(asked.format)} {now}")
        return found

    @classmethod
    def from_dict(cls, record: Any) -> Request:
        """What `asdict` made; LintSeqError if it is something else.

        A record of before there were edit formats is one of the paper's.
        """
        try:
            known = {name: record[name] for name in cls.__slots__}
            known["settings"] = {"edit_format": UNIFIED} | known["settings"]
            return cls(**known)
        except (TypeError, KeyError):
            raise LintSeqError("not the record of a build") from None


@dataclass(slots=True)
class Shard:
    """The shard being written."""

    number: int
    stream: IO[bytes]
    tally: BuildTally = field(default_factory=BuildTally)
    digests: bytearray = field(default_factory=bytearray)
    signatures: bytearray = field(default_factory=bytearray)
    kept: list[int] = field(default_factory=list)

    def add(self, item: Made | Drop) -> None:
        """Write and count one row of the source."""
        self.tally.add(item)
        if isinstance(item, Made):
            self.stream.write(item.rows)
            self.digests += item.digest
            if item.signature is not None:
                self.kept.append(item.index)
                self.signatures += item.signature


class PartialBuild:
    """The folder `OUT.partial`; its owner holds the lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifest = folder / "manifest.json"

    def read_manifest(self) -> dict[str, Any] | None:
        """The manifest of the build that is unfinished here, or None."""
        try:
            record = json.loads(self._manifest.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            record = None
        if not isinstance(record, dict) or "request" not in record:
            raise LintSeqError(f"{self._manifest}: not the record of a build; --force starts over")
        return record

    def is_new(self) -> bool:
        """Whether no build was ever begun here."""
        return not self._manifest.exists()

    def begin(self, manifest: dict[str, Any]) -> None:
        """Start over with nothing done."""
        self._clear()
        with whole_file(self._manifest) as file:
            file.write(json_text(manifest, indent=1).encode())

    def remove(self) -> None:
        """Take the folder away; what is left if this is cut short counts as no build."""
        self._clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _clear(self) -> None:
        self._manifest.unlink(missing_ok=True)
        for path in self.folder.iterdir():
            if path.name != "lock":
                path.unlink()

    def finished_shards(self) -> int:
        """How many shards are done, from the first on."""
        number = 0
        while self._path(number, "json").exists():
            number += 1
        return number

    def load(self, number: int, copies: Copies) -> BuildTally:
        """The counts of a finished shard; `copies` learns its programs."""
        record = json.loads(self._path(number, "json").read_bytes())
        digests = self._path(number, "digests").read_bytes()
        signatures = b""
        if record["kept"]:
            signatures = self._path(number, "signatures").read_bytes()
        copies.restore(record["kept"], digests, signatures)
        return BuildTally.from_dict(record["tally"])

    @contextlib.contextmanager
    def write_shard(self, number: int, *, compressed: bool) -> Iterator[Shard]:
        """A shard to add rows to, done once the body ends without an error."""
        with whole_file(self.data_path(number)) as file:
            if compressed:
                with gzip.GzipFile("", "wb", _GZIP_LEVEL, file, mtime=0) as packed:
                    shard = Shard(number, cast(IO[bytes], packed))
                    yield shard
            else:
                shard = Shard(number, file)
                yield shard
        with whole_file(self._path(number, "digests")) as file:
            file.write(shard.digests)
        if shard.kept:
            with whole_file(self._path(number, "signatures")) as file:
                file.write(shard.signatures)
        with whole_file(self._path(number, "json")) as file:
            record = {"tally": shard.tally.to_dict(), "kept": shard.kept}
            file.write(json_text(record).encode())

    def data_path(self, number: int) -> Path:
        """Where the rows of a shard lie."""
        return self._path(number, "rows")

    def _path(self, number: int, suffix: str) -> Path:
        return self.folder / f"{number:06}.{suffix}"


def _shown(value: Any) -> str:
    return f"{value[:12]}…" if isinstance(value, str) and len(value) > 24 else json_text(value)

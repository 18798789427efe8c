"""A mined data set: rows in a file that is whole or not there, and a report beside it."""

from __future__ import annotations

import hashlib
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from lintseq_core.data.building.report import report_path
from lintseq_core.data.files import whole_file
from lintseq_core.data.mining.licences import PERMISSIVE, is_allowed
from lintseq_core.data.mining.mine import (
    DEFINITION_DROPS,
    FILE_DROPS,
    Candidate,
    LeftOut,
    mine_module,
)
from lintseq_core.data.mining.packages import SourceFile, find_files
from lintseq_core.data.mining.self_contained import MiningConfig
from lintseq_core.data.overlap.problems import Fingerprints, load_fingerprints
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text
from lintseq_core.linting import Linter, get_linter
from lintseq_core.programs.compiling import TOO_DEEP

EXAMPLES_PER_REASON = 5
_DIGEST_BYTES = 16  # of sha256: two programs meet by chance once in 2**64 programs

LICENCE_DROPS: dict[str, str] = {
    "licence_unknown": "the package states no licence that is understood (--any-licence takes it)",
    "licence_not_allowed": "not on the list of licences (--licence names more)",
}
REASONS = LICENCE_DROPS | FILE_DROPS | DEFINITION_DROPS
"""Every reason to leave a file or a definition out, with its meaning."""


@dataclass(frozen=True, slots=True)
class LicencePolicy:
    """Which licences are mined."""

    allowed: frozenset[str] = PERMISSIVE
    takes_any: bool = False

    def fault(self, licence: str | None) -> str | None:
        """The reason to leave a package out, or None."""
        if self.takes_any:
            return None
        if licence is None:
            return "licence_unknown"
        return None if is_allowed(licence, self.allowed) else "licence_not_allowed"


@dataclass(slots=True)
class PackageYield:
    """What one package gave."""

    package: str
    version: str | None
    licence: str | None
    files: int = 0
    definitions: int = 0
    """Functions and classes at the top level of the files that were looked into."""
    rows: int = 0


@dataclass(slots=True)
class MiningCounts:
    """Rows and what was left out, by package and by reason."""

    packages: dict[tuple[str, str | None], PackageYield] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    with_helpers: int = 0

    @property
    def rows(self) -> int:
        """Rows written."""
        return sum(one.rows for one in self.packages.values())

    def package(self, file: SourceFile) -> PackageYield:
        """The counts of the package that `file` is of."""
        package = file.package
        key = (package.name, package.version)
        return self.packages.setdefault(key, PackageYield(*key, package.licence))

    def leave_out(self, file: SourceFile, left_out: LeftOut) -> None:
        """Count one file or definition that gives no row."""
        self.left_out[left_out.reason] += 1
        examples = self.examples.setdefault(left_out.reason, [])
        if len(examples) < EXAMPLES_PER_REASON:
            place = f"{file.package.name}: {file.path}:{left_out.line_number}"
            words = [place, *filter(None, (left_out.name, left_out.detail))]
            examples.append(" ".join(" · ".join(words).split())[:200])


def mine_dataset(
    sources: Sequence[str],
    output: Path,
    config: MiningConfig | None = None,
    licences: LicencePolicy | None = None,
    *,
    force: bool = False,
    command: str = "",
    on_file: Callable[[MiningCounts, SourceFile], object] | None = None,
) -> MiningCounts:
    """Mine `sources` (see `find_files`) into `output` (JSONL) and OUTPUT.report.json.

    The same sources and Python version give the same bytes. Memory grows by some 100 bytes a row,
    for finding equal programs. LintSeqError if a source cannot be found or the output exists.
    """
    config, licences = config or MiningConfig(), licences or LicencePolicy()
    report = report_path(output)
    for path in (output, report):
        if path.exists() and not force:
            raise LintSeqError(f"{path} exists; choose another name, or overwrite with --force")
    started = time.perf_counter()
    counts = MiningCounts()
    files = [find_files(source) for source in sources]  # an unknown name ends it before any work
    with whole_file(output) as stream:
        written = _HashedStream(stream)
        for row in mine_rows(_chained(files), config, licences, counts, on_file=on_file):
            written.write(_json_line(row))
    summary = {
        "command": command,
        "output": {"file": output.name, "rows": counts.rows, **written.identity()},
        "settings": _settings(config, licences),
        **describe(counts),
        "versions": _versions(),
        "seconds": round(time.perf_counter() - started, 1),
    }
    with whole_file(report) as stream:
        stream.write(_json_line(summary, indent=1))
    return counts


def mine_rows(
    files: Iterable[SourceFile],
    config: MiningConfig,
    licences: LicencePolicy,
    counts: MiningCounts,
    *,
    fingerprints: Fingerprints | None = None,
    on_file: Callable[[MiningCounts, SourceFile], object] | None = None,
) -> Iterator[dict[str, Any]]:
    """The rows of `files` in their order; everything left out is added to `counts`."""
    fingerprints = fingerprints or load_fingerprints()
    linter = get_linter("pyflakes")
    seen: set[bytes] = set()
    for file in files:
        tally = counts.package(file)
        tally.files += 1
        if on_file is not None:
            on_file(counts, file)
        for found in _mine_file(file, config, licences, linter):
            tally.definitions += bool(found.name)
            if isinstance(found, Candidate):
                found = _compared(found, seen, fingerprints)
            if isinstance(found, LeftOut):
                counts.leave_out(file, found)
                continue
            tally.rows += 1
            counts.with_helpers += bool(found.helpers)
            yield _row(file, found)


def _mine_file(
    file: SourceFile, config: MiningConfig, licences: LicencePolicy, linter: Linter
) -> Iterator[Candidate | LeftOut]:
    if (fault := licences.fault(file.package.licence)) is not None:
        yield LeftOut("", 1, fault, file.package.licence or "")
    elif file.size_bytes > config.max_file_bytes:
        yield LeftOut("", 1, "file_too_large", f"{file.size_bytes:,} bytes")
    else:
        try:
            data = file.read()
        except OSError as error:
            yield LeftOut("", 1, "file_unreadable", error.strerror or str(error))
            return
        yield from mine_module(data, file.path, config, linter)


def _compared(
    candidate: Candidate, seen: set[bytes], fingerprints: Fingerprints
) -> Candidate | LeftOut:
    """The candidate, unless it was mined before or overlaps an evaluation problem."""
    program = candidate.program
    digest = bytes.fromhex(program.id[: 2 * _DIGEST_BYTES])
    if digest in seen:
        return LeftOut(candidate.name, candidate.line_number, "duplicate")
    seen.add(digest)
    try:
        overlap = fingerprints.find(program.text, candidate.prose)
    except TOO_DEEP:
        return LeftOut(candidate.name, candidate.line_number, "too_deep")
    if overlap is None:
        return candidate
    detail = f"{overlap.kind} of {overlap.problem}"
    return LeftOut(candidate.name, candidate.line_number, "evaluation_problem", detail)


def _row(file: SourceFile, candidate: Candidate) -> dict[str, Any]:
    package = file.package
    return {
        "instruction": candidate.instruction,
        "response": candidate.program.text,
        "id": candidate.program.id,
        "name": candidate.name,
        "helpers": list(candidate.helpers),
        "package": package.name,
        "version": package.version,
        "licence": package.licence,
        "file": file.path,
        "line_number": candidate.line_number,
    }


def describe(counts: MiningCounts) -> dict[str, Any]:
    """`counts` for a report: JSON-safe, the most frequent reasons first."""
    return {
        "rows_with_helpers": counts.with_helpers,
        "packages": [asdict(one) for one in counts.packages.values()],
        "left_out": {
            reason: {
                "count": count,
                "meaning": REASONS[reason],
                "examples": counts.examples[reason],
            }
            for reason, count in sorted(counts.left_out.items(), key=lambda one: (-one[1], one[0]))
        },
    }


def _settings(config: MiningConfig, licences: LicencePolicy) -> dict[str, Any]:
    standard = MiningConfig().modules
    settings = asdict(config)
    settings["modules"] = ["the standard library", *sorted(config.modules - standard)]
    settings["licences"] = "any" if licences.takes_any else sorted(licences.allowed)
    return settings


def _versions() -> dict[str, str]:
    from lintseq_core import __version__

    return {
        "lintseq": __version__,
        "python": platform.python_version(),
        "pyflakes": get_linter("pyflakes").version,
    }


def _json_line(value: dict[str, Any], indent: int | None = None) -> bytes:
    """`value` as UTF-8; bytes of a file name that are none become JSON escapes."""
    text = json_text(value, ensure_ascii=False, indent=indent)
    return f"{text}\n".encode("utf-8", "backslashreplace")


def _chained(files: Iterable[Iterator[SourceFile]]) -> Iterator[SourceFile]:
    for group in files:
        yield from group


class _HashedStream:
    """Counts and hashes what goes into a file."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self._bytes = 0

    def write(self, data: bytes) -> None:
        self._stream.write(data)
        self._digest.update(data)
        self._bytes += len(data)

    def identity(self) -> dict[str, Any]:
        return {"bytes": self._bytes, "sha256": self._digest.hexdigest()}

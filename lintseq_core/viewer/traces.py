"""Generation traces from files that nobody vouches for: a bad row costs no more than its sample."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lintseq_core.errors import LintSeqError, RecordError
from lintseq_core.generation.trace import GenerationTrace, TracedSample
from lintseq_core.generation.trace_reading import parse_trace

MAX_ROW_BYTES = 4_000_000
MAX_TRACES = 200
MAX_SAMPLES = 1_000
"""Of one trace; more cannot be looked at one by one."""


@dataclass(frozen=True, slots=True)
class ReadTrace:
    """A trace as far as it could be read."""

    name: str
    """Of the file; with a number where it holds several traces."""
    trace: GenerationTrace
    sha256: str
    """Of its rows as they were read."""

    @property
    def task(self) -> str:
        """What was asked: traces of one task are compared."""
        return self.trace.header.request.instruction

    @property
    def model(self) -> str:
        """The model's name, as it was asked for."""
        return self.trace.header.model


def looks_like_trace(data: bytes) -> bool:
    """Whether the first row says that it begins a trace; `read_traces` says what is wrong."""
    first = data.lstrip()[:200_000].split(b"\n", 1)[0]
    return b'"kind"' in first and b'"trace"' in first


def read_traces(data: bytes, name: str) -> tuple[tuple[ReadTrace, ...], tuple[str, ...]]:
    """The traces in `data`, one after the other, and a sentence for each row left out.

    Of a sample with a bad row the steps before it are kept, as if generation had been stopped
    there. Reads what `lintseq generate -o` writes, also several such files joined.
    """
    faults: list[str] = []
    read: list[ReadTrace] = []
    sections = list(_sections(data, name, faults))
    for number, section in enumerate(sections[:MAX_TRACES], start=1):
        shown = name if len(sections) == 1 else f"{name}, trace {number}"
        try:
            read.append(section.read(name, shown, faults))
        except RecordError as error:
            faults.append(short(str(error)))
    if len(sections) > MAX_TRACES:
        faults.append(f"{name}: {len(sections) - MAX_TRACES} traces after {MAX_TRACES} left out")
    if not sections and not faults:
        faults.append(f"{name}: no row; expected what lintseq generate -o writes")
    return tuple(read), tuple(faults)


def short(text: str, width: int = 240) -> str:
    """`text` on one line, cut, in characters that every encoding can write."""
    line = " ".join(text.split())
    line = line if len(line) <= width else line[: width - 1] + "…"
    return line.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class _Section:
    """The rows of one trace, each with its number in the file."""

    header: tuple[int, bytes]
    samples: dict[int, list[tuple[int, bytes]]]

    def read(self, file: str, shown: str, faults: list[str]) -> ReadTrace:
        number, row = self.header
        empty = _parsed([self.header], file)
        kept: list[TracedSample] = []
        for index, rows in list(self.samples.items())[:MAX_SAMPLES]:
            try:
                kept += _parsed([self.header, *rows], file).samples
            except _BadRow as bad:
                faults.append(f"{bad}; sample {index + 1} is shown up to there")
                kept += _parsed([self.header, *rows[: bad.position - 1]], file).samples
        if len(self.samples) > MAX_SAMPLES:
            faults.append(f"{file}, row {number}: samples after {MAX_SAMPLES:,} are left out")
        digest = hashlib.sha256(row)
        for rows in self.samples.values():
            for _, payload in rows:
                digest.update(payload)
        samples = tuple(sorted(kept, key=lambda sample: sample.sample_index))
        return ReadTrace(shown, replace(empty, samples=samples), digest.hexdigest())


class _BadRow(RecordError):
    """A row that does not fit; `position` among the rows given."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def _parsed(rows: list[tuple[int, bytes]], name: str) -> GenerationTrace:
    taken = 0

    def give() -> Iterator[bytes]:
        nonlocal taken
        for at, (_, row) in enumerate(rows):
            taken = at
            yield row

    try:
        return parse_trace(give(), "")
    except (LintSeqError, ValueError, OverflowError, RecursionError) as error:
        # A RecordError, or something that a number or text beyond all bounds brings about.
        told = str(error).removeprefix(f", row {taken + 1}: ")
        number = rows[taken][0]
        raise _BadRow(f"{name}, row {number}: {short(told)}", taken) from None


def _sections(data: bytes, name: str, faults: list[str]) -> Iterator[_Section]:
    section: _Section | None = None
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        kind, sample_index = _peek(line)
        if kind == "trace":
            if section is not None:
                yield section
            section = _Section((number, line + b"\n"), {})
        elif section is None:
            faults.append(f"{name}, row {number}: no trace has begun; expected kind 'trace'")
            return
        elif kind is None or sample_index is None:
            faults.append(f"{name}, row {number}: {_why(line)}")
        else:
            section.samples.setdefault(sample_index, []).append((number, line + b"\n"))
    if section is not None:
        yield section


def _peek(line: bytes) -> tuple[str | None, int | None]:
    """Kind and sample of a row, as far as they can be told."""
    if len(line) > MAX_ROW_BYTES:
        return None, None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(record, dict):
        return None, None
    kind, index = record.get("kind"), record.get("sample_index")
    is_index = isinstance(index, int) and not isinstance(index, bool) and index >= 0
    return kind if isinstance(kind, str) else None, index if is_index else None


def _why(line: bytes) -> str:
    if len(line) > MAX_ROW_BYTES:
        return f"longer than {MAX_ROW_BYTES // 10**6} MB"
    return "no step and no end of a sample; the file may still be being written"

"""Generation traces from files that nobody vouches for: a bad row costs no more than its sample."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lintseq_core.data.row_files import RowFile, RowFileError, TooLong
from lintseq_core.errors import LintSeqError, RecordError
from lintseq_core.generation.trace import GenerationTrace, TracedSample
from lintseq_core.generation.trace_reading import parse_trace
from lintseq_core.viewer.rows import MAX_ROW_BYTES, MAX_UNPACKED_BYTES

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
    try:
        file = _row_file(data, "")
        first = next(file.rows(), None)
    except RowFileError:
        return False
    if first is None or isinstance(first.text, TooLong):
        return False
    return b'"kind"' in first.text and b'"trace"' in first.text


def read_traces(data: bytes, name: str) -> tuple[tuple[ReadTrace, ...], tuple[str, ...]]:
    """The traces in `data`, one after the other, and a sentence for each row left out.

    Of a sample with a bad row the steps before it are kept, as if generation had been stopped
    there. Reads what `lintseq generate -o` writes, also several such files joined.
    """
    faults: list[str] = []
    read: list[ReadTrace] = []
    sections: list[_Section] = []
    try:
        sections += _sections(_row_file(data, name), faults)
    except RowFileError as error:
        faults.append(short(str(error)))
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


def _row_file(data: bytes, name: str) -> RowFile:
    file = RowFile(data, name, max_row_bytes=MAX_ROW_BYTES)
    file.refuse_longer(MAX_UNPACKED_BYTES)
    return file


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
        return parse_trace(give(), name)
    except (LintSeqError, ValueError, OverflowError, RecursionError) as error:
        # A RecordError, or something that a number or text beyond all bounds brings about.
        told = str(error.at("")) if isinstance(error, RecordError) else str(error)
        number = rows[taken][0]
        raise _BadRow(f"{name}, row {number}: {short(told)}", taken) from None


def _sections(file: RowFile, faults: list[str]) -> Iterator[_Section]:
    section: _Section | None = None
    try:
        for row in file.rows():
            kind, sample_index = _peek(row.text)
            place = f"{file.name}, {row.place}"
            if kind == "trace" and isinstance(row.text, bytes):
                if section is not None:
                    yield section
                section = _Section((row.number, _whole_line(row.text)), {})
            elif section is None:
                faults.append(f"{place}: no trace has begun; expected kind 'trace'")
                return
            elif kind is None or sample_index is None or isinstance(row.text, TooLong):
                faults.append(f"{place}: {_why(row.text)}")
            else:
                samples = section.samples.setdefault(sample_index, [])
                samples.append((row.number, _whole_line(row.text)))
    except RowFileError as error:  # the file cannot be read further
        faults.append(short(str(error)))
    if section is not None:
        yield section


def _whole_line(text: bytes) -> bytes:
    return text.removesuffix(b"\n") + b"\n"


def _peek(line: bytes | TooLong) -> tuple[str | None, int | None]:
    """Kind and sample of a row, as far as they can be told."""
    if isinstance(line, TooLong):
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


def _why(line: bytes | TooLong) -> str:
    if isinstance(line, TooLong):
        return f"longer than {MAX_ROW_BYTES // 10**6} MB"
    return "no step and no end of a sample; the file may still be being written"

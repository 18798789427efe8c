"""Reading generation traces: every field checked, every state replayed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from lintseq_core.data.row_files import RowFile, RowFileError, TooLong
from lintseq_core.edits.formats import (
    FAULT_KINDS,
    REMEDIES,
    UNIFIED,
    EditFormatName,
    Fault,
    apply_edits,
    checked_format,
)
from lintseq_core.errors import LintSeqError, RecordError
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.steps import (
    STEP_OUTCOMES,
    STOP_REASONS,
    EditStep,
    MaskCost,
    SampledToken,
    SampleEnd,
)
from lintseq_core.generation.stepwise import read_edit
from lintseq_core.generation.trace import (
    TRACE_SCHEMA_VERSION,
    GenerationTrace,
    TraceHeader,
    gather_trace,
    state_id,
)
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.json_text import json_fault
from lintseq_core.linting import Finding

MAX_ROW_BYTES = 1 << 30


def read_trace(path: str | Path) -> GenerationTrace:
    """The trace in a file. RecordError names the row and the field that do not fit.

    A last line without its newline is left out: it is still being written.
    """
    try:
        rows = RowFile(Path(path), max_row_bytes=MAX_ROW_BYTES).rows()
        return _parse(((row.number, row.text) for row in rows), str(path))
    except RowFileError as error:
        raise RecordError(str(error)) from None


def parse_trace(rows: Iterable[bytes], name: str) -> GenerationTrace:
    """The trace in `rows`, lines with their newline; `name` is for messages."""
    return _parse(enumerate(rows, start=1), name)


def _parse(rows: Iterable[tuple[int, bytes | TooLong]], name: str) -> GenerationTrace:
    header: TraceHeader | None = None
    events: list[EditStep | SampleEnd] = []
    replays: dict[int, _Replay] = {}
    for number, row in rows:
        if isinstance(row, TooLong):
            raise RecordError(
                f"{row.n_bytes:,} bytes are too much for a row", place=f"{name}, row {number}"
            )
        if not row.endswith(b"\n"):
            break
        try:
            record = _object(row)
            if header is None:
                header = _header(record)
            else:
                index = _count(record, "sample_index")
                if index >= header.request.n_samples:
                    raise RecordError(
                        f"{index} of {header.request.n_samples} samples", field="sample_index"
                    )
                events.append(replays.setdefault(index, _Replay(header.request)).event(record))
        except RecordError as error:
            raise error.at(f"{name}, row {number}") from None
    if header is None:
        raise RecordError("no row", place=name, remedy="expected what lintseq generate -o writes")
    return gather_trace(header, events)


class _Replay:
    """Follows one sample: the state its next edit applies to, and where that stands."""

    def __init__(self, request: GenerationRequest) -> None:
        self._mode, self._edit_format = request.mode, request.edit_format or UNIFIED
        self._state, self._line_number, self._step_index, self._ended = "", 1, 0, False

    def event(self, record: dict[str, Any]) -> EditStep | SampleEnd:
        if self._ended:
            raise RecordError("this sample has ended in an earlier row", field="sample_index")
        kind = record.get("kind")
        if kind == "step" and self._mode == "stepwise":
            return self._step(record)
        if kind == "end":
            return self._end(record)
        raise RecordError(
            f"{kind!r:.60} has no place in a trace of mode {self._mode!r}", field="kind"
        )

    def _step(self, record: dict[str, Any]) -> EditStep:
        step_index = _count(record, "step_index")
        if step_index != self._step_index:
            raise RecordError(
                f"expected {self._step_index}, found {step_index}", field="step_index"
            )
        text = _typed(record, "text", str)
        faults = tuple(_faults(record))
        parsed = read_edit(
            text,
            step_index=step_index,
            state=self._state,
            line_number=self._line_number,
            is_whole=all(fault.kind != "truncated" for fault in faults),
            edit_format=self._edit_format,
        )
        state = apply_edits(parsed.edits, base=self._state)
        if parsed.faults != faults:
            raise RecordError("reading the edit again finds others", field="faults")
        if state_id(state) != _typed(record, "state_sha256", str):
            raise RecordError("replaying the edit gives another state", field="state_sha256")
        step = EditStep(
            sample_index=_count(record, "sample_index"),
            step_index=step_index,
            attempt=_count(record, "attempt"),
            text=text,
            tokens=_tokens(record),
            seconds=_typed(record, "seconds", int | float | None),
            faults=faults,
            state=state,
            compiles=_typed(record, "compiles", bool),
            new_findings=tuple(_findings(record)),
            outcome=_one_of(record, "outcome", STEP_OUTCOMES),
            objection=_typed(record, "objection", str | None),
            verdict=_typed(record, "verdict", str | None),
        )
        if step.outcome != "rejected":
            self._state = state
            self._line_number += text.count("\n") + 1
            self._step_index += 1
        return step

    def _end(self, record: dict[str, Any]) -> SampleEnd:
        self._ended = True
        program = _typed(record, "program", str)
        if self._mode == "stepwise" and program != self._state:
            raise RecordError("replaying the edits gives another", field="program")
        return SampleEnd(
            sample_index=_count(record, "sample_index"),
            stop_reason=_one_of(record, "stop_reason", STOP_REASONS),
            text=_typed(record, "text", str),
            program=program,
            faults=tuple(_faults(record)),
            compiles=_typed(record, "compiles", bool),
            n_tokens=_count(record, "n_tokens"),
            n_rejected_tokens=_count(record, "n_rejected_tokens"),
            log_prob=_figure(_typed(record, "log_prob", int | float | None)),
            seconds=_typed(record, "seconds", int | float | None),
            tokens=_tokens(record),
            verdict=_typed(record, "verdict", str | None),
            mask=_mask(record),
        )


def _object(row: bytes) -> dict[str, Any]:
    try:
        record = json.loads(row)
    except (ValueError, RecursionError) as error:
        raise RecordError(json_fault(error)) from None
    if not isinstance(record, dict):
        raise RecordError(f"expected a JSON object, found {type(record).__name__}")
    return record


def _header(record: dict[str, Any]) -> TraceHeader:
    if record.get("kind") != "trace":
        raise RecordError(
            f"expected 'trace' in the first row, found {record.get('kind')!r}", field="kind"
        )
    version = record.get("schema_version")
    if version not in range(1, TRACE_SCHEMA_VERSION + 1) or isinstance(version, bool):
        is_later = isinstance(version, int) and version > TRACE_SCHEMA_VERSION
        raise RecordError(
            f"is {version!r}; this release reads 1 and {TRACE_SCHEMA_VERSION}",
            field="schema_version",
            remedy="update lintseq-core" if is_later else "generate the trace anew",
        )
    return TraceHeader(
        request=_request(_typed(record, "request", dict)),
        n_prompt_tokens=_count(record, "n_prompt_tokens"),
        versions=_typed(record, "versions", dict),
        **{name: _typed(record, name, str) for name in _TEXTS},
        **{name: _typed(record, name, str | None) for name in ("revision", "problem")},
    )


_TEXTS = ("model", "dtype", "device", "backend", "linter_version")


def _request(record: dict[str, Any]) -> GenerationRequest:
    of = "request."
    settings = _typed(record, "settings", dict, of=of)
    stop = _typed(record, "stop", list, of=of)
    if not all(isinstance(end, str) for end in stop):
        raise RecordError("expected strings", field="request.stop")
    try:
        known = {field.name: settings[field.name] for field in fields(SamplingSettings)}
        return GenerationRequest(
            instruction=_typed(record, "instruction", str, of=of),
            mode=_one_of(record, "mode", ("stepwise", "whole"), of=of),
            settings=SamplingSettings(**known),
            n_samples=_count(record, "n_samples", of=of),
            batch_size=_typed(record, "batch_size", int | None, of=of),
            seed=_typed(record, "seed", int, of=of),
            linter_name=_typed(record, "linter_name", str, of=of),
            n_retries=_typed(record, "n_retries", int | None, of=of),
            stop=tuple(stop),
            edit_format=_edit_format(record),
            format_guard=_typed({"format_guard": False} | record, "format_guard", bool, of=of),
        )
    except RecordError:
        raise
    except (KeyError, TypeError, LintSeqError) as error:
        raise RecordError(str(error), field="request") from None


def _edit_format(record: dict[str, Any]) -> EditFormatName | None:
    """What a version without the field was written in, where it holds edits: the paper's."""
    if "edit_format" not in record:
        return UNIFIED if record.get("mode") == "stepwise" else None
    recorded = record["edit_format"]
    if recorded is None:
        return None
    try:
        return checked_format(recorded)
    except RecordError as error:
        raise RecordError(error.what, field=f"request.{error.field}", remedy=error.remedy) from None


def _mask(record: dict[str, Any]) -> MaskCost | None:
    cost = _typed({"mask": None} | record, "mask", dict | None)
    if cost is None:
        return None
    nats, seconds = (_typed(cost, name, int | float, of="mask.") for name in ("nats", "seconds"))
    return MaskCost(float(nats), float(seconds))


def _tokens(record: dict[str, Any]) -> tuple[SampledToken, ...]:
    columns = _typed(record, "tokens", dict)
    listed = [_typed(columns, name, list, of="tokens.") for name in _COLUMNS]
    if len({len(column) for column in listed}) > 1:
        raise RecordError("columns of different lengths", field="tokens")
    tokens = []
    for index, (token_id, text, log_prob, entropy) in enumerate(zip(*listed, strict=True)):
        fits = (
            _is_a(token_id, int)
            and _is_a(text, str)
            and _is_a(log_prob, int | float | None)
            and _is_a(entropy, int | float | None)
        )
        if not fits:
            raise RecordError(
                f"entry {index} is no id, text, log-probability, entropy", field="tokens"
            )
        tokens.append(SampledToken(token_id, text, _figure(log_prob), entropy))
    return tuple(tokens)


def _figure(value: float | None) -> float:
    """NaN where the backend gave none."""
    return math.nan if value is None else value


_COLUMNS = ("ids", "texts", "log_probs", "entropies")


def _faults(record: dict[str, Any]) -> Iterator[Fault]:
    for index, value in enumerate(_typed(record, "faults", list)):
        of = f"faults[{index}]"
        if not isinstance(value, dict):
            raise RecordError("expected an object", field=of)
        yield Fault(
            kind=_one_of(value, "kind", FAULT_KINDS, of=f"{of}."),
            line_number=_count(value, "line_number", of=f"{of}."),
            edit_index=_count(value, "edit_index", of=f"{of}."),
            hunk_index=_count(value, "hunk_index", of=f"{of}."),
            detail=_typed(value, "detail", str, of=f"{of}."),
            remedy=_one_of(value, "remedy", REMEDIES, of=f"{of}."),
        )


def _findings(record: dict[str, Any]) -> Iterator[Finding]:
    for index, value in enumerate(_typed(record, "new_findings", list)):
        of = f"new_findings[{index}]"
        if not isinstance(value, dict):
            raise RecordError("expected an object", field=of)
        arguments = _typed(value, "arguments", list, of=f"{of}.")
        if not all(isinstance(argument, str) for argument in arguments):
            raise RecordError("expected strings", field=f"{of}.arguments")
        yield Finding(
            code=_typed(value, "code", str, of=f"{of}."),
            line_number=_count(value, "line_number", of=f"{of}."),
            column=_typed(value, "column", int, of=f"{of}."),
            arguments=tuple(arguments),
            name=_typed(value, "name", str | None, of=f"{of}."),
        )


def _is_a(value: Any, kind: Any) -> bool:
    """`isinstance` in which true and false are no numbers."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _typed(record: dict[str, Any], name: str, kind: Any, *, of: str = "") -> Any:
    if name not in record:
        raise RecordError("is missing", field=f"{of}{name}")
    value = record[name]
    if not _is_a(value, kind):
        expected = getattr(kind, "__name__", str(kind))
        raise RecordError(f"expected {expected}, found {value!r:.60}", field=f"{of}{name}")
    return value


def _count(record: dict[str, Any], name: str, *, of: str = "") -> int:
    value = _typed(record, name, int, of=of)
    if value < 0:
        raise RecordError(f"{value} is below 0", field=f"{of}{name}")
    return int(value)


def _one_of(record: dict[str, Any], name: str, words: tuple[str, ...], *, of: str = "") -> Any:
    value = record.get(name)
    if value not in words:
        raise RecordError(f"{value!r:.60} is none of {', '.join(words)}", field=f"{of}{name}")
    return value

"""Generation traces: one JSON object a line, written as generation goes, replayed by the dashboard.

    {"kind": "trace", "schema_version": 2, "request": {"instruction": ..., ...}, "model": ...}
    {"kind": "step", "sample_index": 0, "step_index": 0, "text": "@@ -0,0 +1 @@\\n+x = 1", ...}
    {"kind": "end", "sample_index": 0, "stop_reason": "close", ...}

A step holds the text of its edit, not the program: states are replayed, and each is checked against
the sha256 that was written with it. Version 1 had no edit format, which means the paper's, and no
masks.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import platform
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from lintseq_core.edits.formats import Fault
from lintseq_core.generation.steps import EditStep, SampledToken, SampleEnd
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.linting import Finding

TRACE_SCHEMA_VERSION = 2
_DIGITS = 6  # of log-probabilities, entropies and seconds


@dataclass(frozen=True, slots=True)
class TraceHeader:
    """What was asked of which model."""

    request: GenerationRequest
    model: str
    """As it was asked for."""
    revision: str | None
    dtype: str
    device: str
    backend: str
    n_prompt_tokens: int
    """0 where it is not known: a server counts them."""
    linter_version: str
    problem: str | None = None
    """Benchmark and task whose tests gave the verdicts."""
    versions: dict[str, str] = field(default_factory=dict)
    """Of the packages that decide what is drawn, and of Python."""


@dataclass(frozen=True, slots=True)
class TracedSample:
    """One sample: its steps in the order they were taken, rejected ones among them, and its end."""

    sample_index: int
    steps: tuple[EditStep, ...]
    end: SampleEnd | None
    """None while the sample is being generated, or where the run was killed."""

    @property
    def kept_steps(self) -> tuple[EditStep, ...]:
        """The steps that made the program."""
        return tuple(step for step in self.steps if step.outcome != "rejected")

    def states(self) -> Iterator[str]:
        """The program after 0, 1, ... edits; as `EditSequence.states`."""
        yield ""
        yield from (step.state for step in self.kept_steps)


@dataclass(frozen=True, slots=True)
class GenerationTrace:
    """A whole trace file."""

    header: TraceHeader
    samples: tuple[TracedSample, ...]
    """Those that have a step or an end, by index."""


def gather_trace(header: TraceHeader, events: Iterable[EditStep | SampleEnd]) -> GenerationTrace:
    """The trace of `events` in whatever order the samples took their steps."""
    steps: dict[int, list[EditStep]] = {}
    ends: dict[int, SampleEnd] = {}
    for event in events:
        if isinstance(event, SampleEnd):
            ends[event.sample_index] = event
        else:
            steps.setdefault(event.sample_index, []).append(event)
    indices = sorted(steps.keys() | ends.keys())
    samples = (TracedSample(i, tuple(steps.get(i, ())), ends.get(i)) for i in indices)
    return GenerationTrace(header, tuple(samples))


def versions(backend: str) -> dict[str, str]:
    """Versions of Python, this package and what `backend` computes with, as far as installed."""
    from importlib.metadata import PackageNotFoundError, version

    from lintseq_core import __version__

    found = {"python": platform.python_version(), "lintseq-core": __version__}
    computing = {"numpy": ["numpy"], "server": []}
    for name in computing.get(backend, ["torch", "transformers", backend]):
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


class TraceWriter:
    """Writes rows to a text stream as they come, each flushed, so that a reader can follow."""

    def __init__(self, stream: IO[str], header: TraceHeader | None) -> None:
        """`header`: begins the trace; None: `stream` has one already."""
        self._stream = stream
        if header is None:
            return
        self._write({"kind": "trace", "schema_version": TRACE_SCHEMA_VERSION, **asdict(header)})

    def write(self, event: EditStep | SampleEnd) -> None:
        """One more row."""
        self._write(event_record(event))

    def _write(self, record: dict[str, Any]) -> None:
        self._stream.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
        self._stream.flush()


def event_record(event: EditStep | SampleEnd) -> dict[str, Any]:
    """What a trace's row holds, as JSON-safe values."""
    return _end_record(event) if isinstance(event, SampleEnd) else _step_record(event)


def state_id(state: str) -> str:
    """sha256 of a state, by which a replay is checked."""
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()


def _step_record(step: EditStep) -> dict[str, Any]:
    return {
        "kind": "step",
        "sample_index": step.sample_index,
        "step_index": step.step_index,
        "attempt": step.attempt,
        "outcome": step.outcome,
        "objection": step.objection,
        "text": step.text,
        "log_prob": _rounded(step.log_prob),
        "entropy": _rounded(step.entropy),
        "seconds": _rounded(step.seconds),
        "faults": [_fault_record(fault) for fault in step.faults],
        "compiles": step.compiles,
        "new_findings": [_finding_record(finding) for finding in step.new_findings],
        "verdict": step.verdict,
        "state_sha256": state_id(step.state),
        "tokens": _token_columns(step.tokens),
    }


def _end_record(end: SampleEnd) -> dict[str, Any]:
    return {
        "kind": "end",
        "sample_index": end.sample_index,
        "stop_reason": end.stop_reason,
        "text": end.text,
        "program": end.program,
        "faults": [_fault_record(fault) for fault in end.faults],
        "compiles": end.compiles,
        "n_tokens": end.n_tokens,
        "n_rejected_tokens": end.n_rejected_tokens,
        "log_prob": _rounded(end.log_prob),
        "seconds": _rounded(end.seconds),
        "verdict": end.verdict,
        "mask": end.mask
        and {"nats": _rounded(end.mask.nats), "seconds": _rounded(end.mask.seconds)},
        "tokens": _token_columns(end.tokens),
    }


def _fault_record(fault: Fault) -> dict[str, Any]:
    return asdict(fault)


def _finding_record(finding: Finding) -> dict[str, Any]:
    return asdict(finding)


def _token_columns(tokens: Iterable[SampledToken]) -> dict[str, list[Any]]:
    """By column: names once instead of once a token."""
    listed = tuple(tokens)
    return {
        "ids": [token.token_id for token in listed],
        "texts": [token.text for token in listed],
        "log_probs": [_rounded(token.log_prob) for token in listed],
        "entropies": [_rounded(token.entropy) for token in listed],
    }


def _rounded(value: float | None) -> float | None:
    """Six decimals, which rows keep; None for what JSON cannot say."""
    return None if value is None or not math.isfinite(value) else round(value, _DIGITS)

"""One sample of one problem, whatever tool wrote it, and what was decided about it.

What every importer makes and every count begins with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from lintseq_core.errors import LintSeqError

EvalPlusSuite = Literal["", "base", "plus"]
"""Tests of EvalPlus that decide: "base" alone, "plus" for base and extra tests; "" elsewhere."""


class Sample(msgspec.Struct, frozen=True):
    """What a model wrote for a problem, with the verdict if there is one.

    Every field of the row that has no place of its own stands in `extra`, in the order of the
    file, so that writing the same format again gives the same row.
    """

    task_id: str
    sample_id: int
    """0-based among the samples of its problem, in the order of the file."""
    place: str = ""
    """Where it was read, for messages: "samples.jsonl, row 12"."""
    completion: str | None = None
    """What the model wrote after the prompt."""
    solution: str | None = None
    """The whole program, if the file has it."""
    prompt: str | None = None
    passed: bool | None = None
    """None: not decided. With several test suites: passed all of them."""
    verdict: str | None = None
    """A Verdict in our own files, else the word of the tool that wrote the file."""
    base_passed: bool | None = None
    """Passed the base tests, where base and extra tests were decided apart (EvalPlus)."""
    isolation: str | None = None
    integrity: str | None = None
    flags: tuple[str, ...] = ()
    extra: Mapping[str, Any] = msgspec.field(default_factory=dict)

    @property
    def text(self) -> str:
        """The whole program if there is one, else what the model wrote."""
        if self.solution is not None:
            return self.solution
        return self.completion or ""


def suite_of(sample: Sample) -> EvalPlusSuite:
    """Which tests of EvalPlus `passed` is by, as its row says; "" where it says nothing of them."""
    if sample.base_passed is not None or sample.extra.get("plus_status") is not None:
        return "plus"
    return "base" if sample.extra.get("base_status") is not None else ""


def temperature_of(sample: Sample) -> float | None:
    """The temperature that the row of a sample names; None where it names none.

    It stands in a field `temperature`, or in one of the objects that tools keep settings in.
    """
    extra = sample.extra
    if not extra:
        return None
    for settings in (extra, *[extra[name] for name in SETTINGS if name in extra]):
        value = settings.get("temperature") if isinstance(settings, dict) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value) if 0 <= value <= MAX_TEMPERATURE else None
    return None


MAX_NAMED = 20
"""Temperatures that a message names."""
MAX_TEMPERATURE = 1e6
"""What is larger is no temperature: at this one every token is as likely as any other."""
SETTINGS = ("settings", "config", "generation_kwargs", "gen_kwargs", "sampling_params")
"""Fields in which tools keep what a sample was drawn with."""


def samples_at(temperature: float, samples: Iterable[Sample], name: str) -> Iterator[Sample]:
    """Those of `samples` whose rows name `temperature`; LintSeqError, once all are read, for none.

    `name` of the file is for the message.
    """
    others: set[float | None] = set()
    found = False
    for sample in samples:
        if (value := temperature_of(sample)) == temperature:
            found = True
            yield sample
        elif len(others) < MAX_NAMED:
            others.add(value)
    if not found:
        named = sorted(one for one in others if one is not None)
        there = f"there are {', '.join(map(str, named))}" if named else "its rows name none"
        raise LintSeqError(f"{name}: no sample at temperature {temperature}; {there}")

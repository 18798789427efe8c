"""Malformed edits under three readings: the strict parser's, ours that forgives, the authors'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lintseq_core.edits.formats import (
    BORDER,
    CLOSE,
    DIFF_MARKER,
    UNIFIED,
    Fault,
    apply_edits,
    parse_edits,
)
from lintseq_core.edits.upstream import resolve_upstream
from lintseq_core.generation.trace import TracedSample


@dataclass(frozen=True, slots=True)
class Readings:
    """What becomes of a text of edits."""

    faults: tuple[Fault, ...]
    """The strict parser's; it accepts the text only if there is none."""
    lenient: str
    """The program that forgiving reading makes."""
    upstream: str | None
    """The program that the authors' resolver makes (`edits.upstream`); None: it knows the paper's
    format alone."""

    @property
    def agree(self) -> bool:
        """Whether all readings come to the same program, final newlines aside."""
        return self.upstream is None or self.lenient.rstrip("\n") == self.upstream.strip("\n")


def read_three_ways(text: str, edit_format: str = UNIFIED) -> Readings:
    """All readings of `text`: edits after the marker that ends a prompt, or with their own."""
    marked = text if text.startswith(DIFF_MARKER) else DIFF_MARKER + text
    parsed = parse_edits(marked, strict=False, edit_format=edit_format)
    upstream = resolve_upstream(text) if edit_format == UNIFIED else None
    return Readings(parsed.faults, apply_edits(parsed.edits), upstream)


def text_up_to(sample: TracedSample, n_edits: int) -> str:
    """What the model wrote up to its edit number `n_edits`; closed, unless that was cut off."""
    kept = sample.kept_steps[:n_edits]
    text = BORDER.join(step.text for step in kept)
    is_cut = any(fault.kind == "truncated" for step in kept[-1:] for fault in step.faults)
    return text if is_cut or not kept else text + CLOSE


def malformed_edits(samples: Iterable[TracedSample]) -> tuple[tuple[int, int], ...]:
    """(position of the sample, 1-based edit) of every edit that has a fault."""
    return tuple(
        (at, number)
        for at, sample in enumerate(samples)
        for number, step in enumerate(sample.kept_steps, start=1)
        if step.faults
    )


def count_faults(samples: Iterable[TracedSample]) -> Counter[str]:
    """How many faults of each kind the edits of all samples have, rejected tries among them."""
    return Counter(fault.kind for s in samples for step in s.steps for fault in step.faults)

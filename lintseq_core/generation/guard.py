"""Lint-guarded sampling: an edit that breaks something is drawn again, because it can be checked.

Beyond the paper. It costs tokens, so it is compared with plain sampling at equal tokens: every
token drawn counts against `max_tokens`, and `samples_within` cuts runs to one budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from lintseq_core.edits.formats import Fault
from lintseq_core.errors import LintSeqError
from lintseq_core.linting import Finding


@dataclass(frozen=True, slots=True)
class LintGuard:
    """Re-samples an edit that breaks the grammar or adds a finding."""

    n_retries: int = 3
    """How often one edit is drawn again before it is kept, and marked."""

    def __post_init__(self) -> None:
        if self.n_retries < 1:
            raise LintSeqError(f"n_retries is {self.n_retries}; expected 1 or more")

    def objection(self, faults: Sequence[Fault], new_findings: Sequence[Finding]) -> str | None:
        """Why an edit should be drawn again, in a few words; None where nothing is wrong."""
        broken = [fault for fault in faults if fault.kind != "truncated"]
        if broken:
            return broken[0].kind
        if new_findings:
            finding = new_findings[0]
            return " ".join(["adds", finding.code, *finding.arguments[:1]])
        return None


class _Costed(Protocol):
    @property
    def n_tokens(self) -> int: ...


_Sample = TypeVar("_Sample", bound=_Costed)


def samples_within(samples: Iterable[_Sample], *, n_tokens: int) -> tuple[_Sample, ...]:
    """The first samples, in order, whose tokens together are at most `n_tokens`."""
    kept: list[_Sample] = []
    spent = 0
    for sample in samples:
        spent += sample.n_tokens
        if spent > n_tokens:
            break
        kept.append(sample)
    return tuple(kept)

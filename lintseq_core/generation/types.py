"""What is asked of a model, and who judges what it writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from lintseq_core.edits.formats import EditFormatName, get_format
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.sampling import SamplingSettings

Mode = Literal["stepwise", "whole"]
Judge = Callable[[str], str]
"""From a program to the word for how its tests ended, as in `execution.verdict.Verdict`."""


@dataclass(frozen=True, slots=True)
class Task:
    """One of several instructions that one request is made with, in place of its own."""

    instruction: str
    problem: str | None = None
    """What traces call it."""
    judge: Judge | None = None
    """Is asked about every state and about whole programs."""


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What is asked, and how it is to be drawn."""

    instruction: str
    mode: Mode
    settings: SamplingSettings = field(default_factory=SamplingSettings)
    n_samples: int = 1
    batch_size: int | None = None
    """How many are drawn at once; None: all. It changes memory and time, no sample. vLLM makes its
    own batches."""
    seed: int = 0
    linter_name: str = "pyflakes"
    """Finds what an edit adds; whole programs are not linted."""
    n_retries: int | None = None
    """Of the lint guard; None: no guard. Stepwise only."""
    stop: tuple[str, ...] = ()
    """Strings that end a text. Whole programs only."""
    edit_format: EditFormatName | None = None
    """How edits are written; None: as the model was trained, or in the paper's format. Stepwise
    only."""
    format_guard: bool = False
    """Whether tokens are drawn under a mask that keeps edits well formed, which changes the
    distribution. Stepwise only."""

    def __post_init__(self) -> None:
        if self.n_samples < 1:
            raise LintSeqError(f"n_samples is {self.n_samples}; expected 1 or more")
        if self.batch_size is not None and self.batch_size < 1:
            raise LintSeqError(f"batch_size is {self.batch_size}; expected 1 or more, or none")
        if self.n_retries is not None and self.mode == "whole":
            raise LintSeqError("the guard checks edits: use mode 'stepwise'")
        if self.format_guard and self.mode == "whole":
            raise LintSeqError("the guard masks edits: use mode 'stepwise'")
        if self.format_guard and self.n_retries is not None:
            raise LintSeqError("one guard at a time: n_retries is of the lint guard")
        if self.edit_format is not None and self.mode == "whole":
            raise LintSeqError("an edit format is for mode 'stepwise'")
        if self.edit_format is not None:
            get_format(self.edit_format)
        if self.stop and self.mode == "stepwise":
            raise LintSeqError("edits end by themselves: stop strings are for mode 'whole'")

"""Edits, drawn or generated, and closures as coloured text; colour is never the only mark."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from lintseq_core.edits import Closure, EditSequence
from lintseq_core.edits.hunks import Hunk
from lintseq_core.edits.words import describe_edit, describe_reason, describe_writing
from lintseq_core.programs import Program

if TYPE_CHECKING:
    from lintseq_core.generation.steps import EditStep, SampleEnd, StopReason

INSERTED = "dodger_blue1"  # readable on light and on dark terminals, unlike plain blue
DRAWN = "bold dark_orange3"
DELETED = "dark_orange3"
_WRONG = "dark_orange3"
# Control characters of a program (an ESC in a string, say) as their Unicode pictures: text from a
# file must not drive the terminal.
_PICTURES = {code: 0x2400 + code for code in range(32) if code != ord("\t")} | {0x7F: 0x2421}
_PICTURES |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)

_STOPPED: dict[StopReason, str] = {
    "close": "closed by two empty edits",
    "eos": "ended by its end marker",
    "stop": "ended by a stop string",
    "max_tokens": "cut off: --max-tokens are spent",
    "context": "cut off: the model's context is full",
}


def make_console() -> Console:
    """A console on stdout that neither wraps nor interprets what it prints."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def printable(text: str) -> str:
    """`text` with its control characters made visible."""
    return text.translate(_PICTURES)


def print_sequence(
    console: Console, sequence: EditSequence, heading: str, *, apart: bool = False
) -> None:
    """Each edit as a diff, with why its lines come together; `apart`: why they went, last first.

    Numbers before the lines are those of the final program, as in the sentences; the state's own
    stand in the hunk headers.
    """
    console.print(Text(heading, style="bold"))
    if apart:
        _print_apart(console, sequence)
        return
    for index, edit in enumerate(sequence.hunks()):
        count = sum(len(hunk.lines) for hunk in edit)
        title = f"Step {index + 1} of {sequence.n_edits}: inserts {count} line"
        console.print()
        console.print(Text(title + ("" if count == 1 else "s"), style="bold"))
        numbers = (line + 1 for line, birth in enumerate(sequence.birth_steps) if birth == index)
        for hunk in edit:
            _print_hunk(console, hunk, numbers)
        _print_sentences(console, describe_writing(sequence, index))
    console.print()


def _print_apart(console: Console, sequence: EditSequence) -> None:
    """In the order of the algorithm: the edit that was deleted first, first."""
    lines = sequence.program.lines
    for index in reversed(range(sequence.n_edits)):
        gone = [line for line, birth in enumerate(sequence.birth_steps) if birth == index]
        title = f"Step {index + 1} of {sequence.n_edits} goes: {len(gone)} line"
        console.print()
        console.print(Text(title + ("" if len(gone) == 1 else "s"), style="bold"))
        for line in gone:
            text = Text.assemble((f"{line + 1:>6} ", "dim"))
            text.append(f"- {printable(lines[line])}".rstrip(), style=DELETED)
            console.print(text)
        _print_sentences(console, describe_edit(sequence, index))
    console.print()


def _print_sentences(console: Console, sentences: Iterable[str]) -> None:
    for sentence in sentences:
        console.print(Text(f"  {printable(sentence)}", style="dim"))


def _print_hunk(console: Console, hunk: Hunk, numbers: Iterator[int]) -> None:
    console.print(Text(f"  {hunk.header}", style="cyan"))
    for line, number in zip(hunk.lines, numbers, strict=False):
        text = Text.assemble((f"{number:>6} ", "dim"))  # a style of the whole would dim the code
        text.append(f"+ {printable(line)}".rstrip(), style=INSERTED)
        console.print(text)


def print_closure(console: Console, program: Program, closed: Closure, linter: str) -> None:
    """The lines of a closure with their reasons."""
    number = closed.line_index + 1
    count = len(closed.reasons)
    lines = "no other line goes" if count == 1 else f"{count - 1} other lines go"
    if count == 2:
        lines = "1 other line goes"
    console.print(Text(f"If line {number} goes, {lines} with it ({linter}):", style="bold"))
    width = max(len(printable(program.lines[line]).expandtabs(4)) for line in closed.reasons)
    for line, reason in closed.reasons.items():
        code = printable(program.lines[line]).expandtabs(4).ljust(min(width, 60))
        text = Text.assemble((f"{line + 1:>6} ", "dim"))
        drawn = line == closed.line_index
        text.append(f"{'>' if drawn else '-'} {code}", style=DRAWN if drawn else DELETED)
        why = "the line asked about" if drawn else describe_reason(program, line, reason)
        text.append(f"  {printable(why)}", style="dim")
        console.print(text)


class GenerationPrinter:
    """Prints what a model writes as it comes; of several samples, each as a whole at its end."""

    def __init__(self, n_samples: int) -> None:
        self._console = make_console()
        self._n_samples = n_samples
        self._waiting: dict[int, list[EditStep]] = {}

    def take(self, event: EditStep | SampleEnd) -> None:
        """Print `event`, now or with its sample."""
        from lintseq_core.generation.steps import EditStep

        if isinstance(event, EditStep):
            if self._n_samples == 1:
                self._print_step(event)
            else:
                self._waiting.setdefault(event.sample_index, []).append(event)
            return
        if self._n_samples > 1:
            title = f"Sample {event.sample_index + 1} of {self._n_samples}"
            self._console.print(Text(title, style="bold reverse"))
        steps = self._waiting.pop(event.sample_index, [])
        for step in steps:
            self._print_step(step)
        self._print_end(event)

    def _print_step(self, step: EditStep) -> None:
        tries = f", try {step.attempt + 1}" if step.attempt else ""
        figures = [f"{len(step.tokens)} tokens"]
        if not math.isnan(step.log_prob):
            figures.append(f"log-probability {step.log_prob:.1f}")
        if step.entropy is not None:
            figures.append(f"entropy {step.entropy:.2f}")
        if step.seconds is not None:
            figures.append(f"{step.seconds:.1f} s")
        heading = Text(f"Step {step.step_index + 1}{tries}", style="bold")
        heading.append(f"  {', '.join(figures)}", style="not bold dim")
        self._console.print(heading)
        for line in step.text.split("\n"):
            style = "cyan" if line.startswith("@@") else INSERTED if line[:1] == "+" else ""
            self._console.print(Text(f"  {printable(line)}".rstrip(), style=style))
        for fault in step.faults:
            self._wrong(f"fault: {fault} ({fault.remedy})")
        for finding in step.new_findings:
            about = ", ".join(finding.arguments).removesuffix(" on line")
            self._wrong(f"new finding: line {finding.line_number}: {finding.code}: {about}")
        if step.objection is not None:
            what = "rejected, drawn again" if step.outcome == "rejected" else "kept all the same"
            self._wrong(f"guard: {step.objection}: {what}")
        if step.verdict is not None:
            self._console.print(Text(f"  tests: {step.verdict}", style="dim"))
        self._console.print()

    def _print_end(self, end: SampleEnd) -> None:
        cost = f"{end.n_tokens} tokens"
        if end.n_rejected_tokens:
            cost += f", {end.n_rejected_tokens} of them rejected"
        seconds = "" if end.seconds is None else f", {end.seconds:.1f} s"
        if end.mask is not None:
            each = 1000 * end.mask.seconds / max(end.n_tokens, 1)
            seconds += f"; the mask took {end.mask.nats:.1f} nats, {each:.2f} ms a token"
        heading = Text("Program", style="bold")
        heading.append(f"  {_STOPPED[end.stop_reason]}; {cost}{seconds}", style="not bold dim")
        self._console.print(heading)
        for number, line in enumerate(end.program.rstrip("\n").split("\n"), start=1):
            shown = Text(f"{number:>6}   ", style="dim") if end.program else Text("  (empty)")
            shown.append(printable(line).rstrip(), style="not dim")
            self._console.print(shown)
        for fault in end.faults:
            if fault.kind in ("truncated", "text after the close"):
                self._wrong(f"fault: {fault}")
        if not end.compiles:
            self._wrong("Python does not accept it")
        if end.verdict is not None:
            self._console.print(Text(f"  tests: {end.verdict}", style="dim"))
        self._console.print()

    def _wrong(self, text: str) -> None:
        self._console.print(Text(f"  ! {printable(text)}", style=_WRONG))

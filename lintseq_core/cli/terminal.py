"""Edit sequences and closures as coloured text; colour is never the only mark."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from lintseq_core.edits import Closure, EditSequence
from lintseq_core.edits.hunks import Hunk
from lintseq_core.edits.words import describe_edit, describe_reason
from lintseq_core.programs import Program

INSERTED = "dodger_blue1"  # readable on light and on dark terminals, unlike plain blue
DRAWN = "bold dark_orange3"
# Control characters of a program (an ESC in a string, say) as their Unicode pictures: text from a
# file must not drive the terminal.
_PICTURES = {code: 0x2400 + code for code in range(32) if code != ord("\t")} | {0x7F: 0x2421}
_PICTURES |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


def make_console() -> Console:
    """A console on stdout that neither wraps nor interprets what it prints."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


def printable(text: str) -> str:
    """`text` with its control characters made visible."""
    return text.translate(_PICTURES)


def print_sequence(console: Console, sequence: EditSequence, heading: str) -> None:
    """Each edit as a diff, with why its lines belong together.

    Numbers before the lines are those of the final program, as in the sentences; the state's own
    stand in the hunk headers.
    """
    console.print(Text(heading, style="bold"))
    for index, edit in enumerate(sequence.hunks()):
        count = sum(len(hunk.lines) for hunk in edit)
        title = f"Step {index + 1} of {sequence.n_edits}: inserts {count} line"
        console.print()
        console.print(Text(title + ("" if count == 1 else "s"), style="bold"))
        numbers = (line + 1 for line, birth in enumerate(sequence.birth_steps) if birth == index)
        for hunk in edit:
            _print_hunk(console, hunk, numbers)
        for sentence in describe_edit(sequence, index):
            console.print(Text(f"  {printable(sentence)}", style="dim"))
    console.print()


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
        text.append(f"{'>' if drawn else '-'} {code}", style=DRAWN if drawn else "dark_orange3")
        why = "the line asked about" if drawn else describe_reason(program, line, reason)
        text.append(f"  {printable(why)}", style="dim")
        console.print(text)

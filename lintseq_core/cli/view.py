"""`lintseq view`: step through edits in the terminal, with the arrow keys."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from lintseq_core.cli.shell import note, read_bytes, shown_name
from lintseq_core.edits import EditSequence, sample_path
from lintseq_core.errors import RecordError
from lintseq_core.programs import Program

if TYPE_CHECKING:
    from rich.text import Text

    from lintseq_core.generation.trace import GenerationTrace, TracedSample

KEYS = {
    "\x1b[C": "next", "\x1b[D": "previous", "\x1b[H": "first", "\x1b[F": "last",
    "\x1b[1~": "first", "\x1b[4~": "last", "\x1bOC": "next", "\x1bOD": "previous",
    "\x1b[A": "up", "\x1b[B": "down", "\x1bOA": "up", "\x1bOB": "down",
    "l": "next", "h": "previous", " ": "next", "g": "first", "G": "last",
    "j": "down", "k": "up", "n": "next sample", "p": "previous sample",
    "q": "quit", "\x1b": "quit", "\x03": "quit", "\x04": "quit", "": "quit",
}  # fmt: skip
FOOT = "← → step   Home End   ↑ ↓ scroll   n p {name}   q quit"
N_PATHS = 20  # sequences of a Python file to leaf through
MAX_COLUMNS = 2_000  # of a line: a terminal shows fewer, and a line may have millions
# Characters that show nothing and turn the reading order of all that follows on the line.
_TURNING = dict.fromkeys(
    [0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD
)


@dataclass(frozen=True, slots=True)
class ScreenPosition:
    """What is on the screen: which sequence, at which step, scrolled how far down."""

    sample: int = 0
    step: int = 0
    top: int = 0


@dataclass(frozen=True, slots=True)
class Played:
    """What is stepped through: lines of the final program, and the edit that brings each."""

    lines: tuple[str, ...]
    births: tuple[int, ...]
    n_edits: int
    why: Callable[[int], Sequence[str]]
    """Sentences about an edit, 0-based."""
    name: str = "sequence"
    """What it is: a sequence of edits that was drawn, or a "sample" of a model."""


def played(sequence: EditSequence) -> Played:
    """An edit sequence, with the reasons of its edits."""
    from lintseq_core.edits.words import describe_writing

    return Played(
        sequence.program.lines,
        sequence.birth_steps,
        sequence.n_edits,
        lambda edit: describe_writing(sequence, edit),
    )


def view(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A Python file, or what `lintseq sample --format json` or `lintseq generate -o` "
            "wrote (.jsonl).",
        ),
    ],
    seed: Annotated[int, typer.Option(help="Of the sequences of a Python file.")] = 0,
    step: Annotated[int, typer.Option(min=0, help="Where to begin.")] = 0,
) -> None:
    """Step through edits with the arrow keys; without a terminal, print one state.

    \b
    lintseq view program.py
    lintseq view rows.jsonl
    lintseq view trace.jsonl
    lintseq view program.py --step 5 | less
    """
    sequences = _read(file, seed)
    place = move(sequences, ScreenPosition(step=step), "")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        from lintseq_core.cli.terminal import make_console

        height = 10**6
        for line in screen(sequences, place, shown_name(file), 10**6, height):
            make_console().print(line)
        return
    _loop(sequences, place, shown_name(file))


def move(sequences: list[Played], place: ScreenPosition, action: str) -> ScreenPosition:
    """The place after `action`, within bounds."""
    last = sequences[place.sample].n_edits
    if action in ("next sample", "previous sample"):
        wanted = place.sample + (1 if action == "next sample" else -1)
        if not 0 <= wanted < len(sequences):
            return place
        return ScreenPosition(sample=wanted)
    if action in ("up", "down"):
        return replace(place, top=max(0, place.top + (1 if action == "down" else -1)))
    steps = {"next": place.step + 1, "previous": place.step - 1, "first": 0, "last": last}
    step = min(max(steps.get(action, place.step), 0), last)
    births = sequences[place.sample].births
    shown = [birth for birth in births if birth < step]
    # The first new line, a few lines below the upper edge; an edit that cannot be read has none.
    top = max(0, shown.index(step - 1) - 5) if step - 1 in shown else 0
    return ScreenPosition(place.sample, step, top)


def screen(
    sequences: list[Played], place: ScreenPosition, name: str, width: int, height: int
) -> list[Text]:
    """The lines of the screen, at most `height`, each cut to `width` columns."""
    from rich.text import Text

    from lintseq_core.cli.terminal import INSERTED

    sequence = sequences[place.sample]
    inserted = sequence.births.count(place.step - 1)
    what = (
        f"inserts {inserted} line{'' if inserted == 1 else 's'}" if place.step else "empty program"
    )
    title = f"step {place.step} of {sequence.n_edits}: {what}"
    if len(sequences) > 1:
        title += f"   {sequence.name} {place.sample + 1} of {len(sequences)}"
    title += f"   {_shown(name)}"
    why = (
        [f"  {_shown(each[:MAX_COLUMNS])}" for each in sequence.why(place.step - 1)]
        if place.step
        else []
    )
    why = why[: max(1, height // 4)]
    rows = []
    for line, birth in enumerate(sequence.births):
        if birth < place.step:
            new = birth == place.step - 1
            text = Text.assemble((f"{birth + 1:>4} ", "dim"), (f"{line + 1:>5} ", "dim"))
            code = _shown(sequence.lines[line][:MAX_COLUMNS])
            text.append(f"{'+' if new else ' '} {code}", style=INSERTED if new else "")
            rows.append(text)
    room = max(1, height - len(why) - 3)
    top = min(place.top, max(0, len(rows) - room))
    lines = [Text(title, style="bold"), *rows[top : top + room]]
    lines += [Text()] * (min(room, height) - len(rows[top : top + room]) if height < 10**6 else 0)
    lines += [Text(), *(Text(each, style="dim") for each in why)]
    for row in lines:
        row.truncate(width)
    return lines


def _shown(text: str) -> str:
    from lintseq_core.cli.terminal import printable

    return printable(text).translate(_TURNING).expandtabs(4)


def _read(file: str, seed: int) -> list[Played]:
    data = read_bytes(file)
    if not file.endswith((".jsonl", ".json")) and not _holds_objects(data):
        program = Program.from_bytes(data, shown_name(file))
        paths = range(N_PATHS)
        return [played(sample_path(program, seed=seed, path_index=path)) for path in paths]
    from lintseq_core.viewer.rows import read_sequences
    from lintseq_core.viewer.traces import looks_like_trace, read_traces

    if looks_like_trace(data):
        traces, faults = read_traces(data, shown_name(file))
        found = [_generated(read.trace, sample) for read in traces for sample in read.trace.samples]
    else:
        sequences, faults = read_sequences(data, shown_name(file), max_rows=10_000)
        found = [played(sequence) for sequence in sequences]
    if not found:
        raise RecordError(faults[0] if faults else f"{file}: no row; write it with --format json")
    for fault in faults[:5]:
        note(fault)
    return found


def _holds_objects(data: bytes) -> bool:
    """Whether the first row is an object of JSON with text names, which no program starts with."""
    from lintseq_core.data.row_files import RowFile, RowFileError, TooLong

    try:
        first = next(RowFile(data, max_row_bytes=max(len(data), 1)).rows(), None)
        if first is None or isinstance(first.text, TooLong):
            return False
        return isinstance(json.loads(first.text), dict)
    except (ValueError, RecursionError, RowFileError):
        return False


def _generated(trace: GenerationTrace, sample: TracedSample) -> Played:
    """A sample of a model, with what is wrong with each edit and how sure the model was."""
    from lintseq_core.viewer.generated import build_generation_payload

    payload = build_generation_payload(trace.header, sample, title="")
    steps = payload["generation"]["steps"]

    def why(edit: int) -> list[str]:
        step = steps[edit]
        told = [f"{step['n_tokens']} tokens"]
        if step["log_prob"] is not None:
            told.append(f"log-probability {step['log_prob']:.1f}")
        if not step["compiles"]:
            told.append("the program does not parse")
        new = [f"New: {finding}" for finding in step["findings"]]
        return [", ".join(told), *(f"Fault: {fault}" for fault in step["faults"]), *new]

    lines, births = tuple(payload["lines"]), tuple(payload["births"])
    return Played(lines, births, payload["n_edits"], why, name="sample")


def _loop(sequences: list[Played], place: ScreenPosition, name: str) -> None:
    from rich.console import Console
    from rich.control import Control
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False)
    with _raw_keys(), console.screen(hide_cursor=True):
        while True:
            width, height = console.size
            lines = screen(sequences, place, name, width, height)
            foot = FOOT.format(name=sequences[place.sample].name)
            console.control(Control.clear())
            console.print(
                *lines, Text(foot[:width], style="reverse"), sep="\n", end="", no_wrap=True
            )
            action = KEYS.get(_read_key())
            if action == "quit":
                return
            if action:
                place = move(sequences, place, action)


def _read_key() -> str:
    """The next key as the terminal sends it; an escape sequence arrives in one piece."""
    return os.read(sys.stdin.fileno(), 8).decode("utf-8", "replace")


@contextmanager
def _raw_keys() -> Iterator[None]:
    """Keys arrive one by one and are not shown; the terminal is as before afterwards."""
    try:
        import termios
        import tty
    except ImportError:  # Windows
        raise RecordError("this terminal has no raw keys; use `lintseq export` instead") from None
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

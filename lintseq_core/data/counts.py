"""What is counted of a data set, program by program, and added up in any grouping."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from lintseq_core.edits.closure import lint_state, original_findings
from lintseq_core.edits.formats import UNIFIED
from lintseq_core.edits.sequence import EditSequence
from lintseq_core.errors import LinterFailure
from lintseq_core.linting import Linter
from lintseq_core.programs import Program

if TYPE_CHECKING:
    from lintseq_core.edits.incremental import HandOvers

_TOKEN = re.compile(r"\w+|[^\w\s]")
TOKENS_ARE = "words and single signs, as the pattern \\w+|[^\\w\\s] finds them"
# Of the model text, by the same pattern: "<|diff|>", "@@ -0,0 +1 @@", "@@ -0,0 +1,2 @@".
_MARKER_TOKENS = 5
_HEADER_TOKENS = 10
_HEADER_COUNT_TOKENS = 2


@dataclass(frozen=True, slots=True)
class ProgramCounts:
    """The numbers of one program and its sequences."""

    n_lines: int
    n_rows: int
    program_tokens: int
    """Of the plain program."""
    text_tokens: int
    """Of the model texts of all its rows together, without instruction."""
    edits_per_sequence: tuple[int, ...]
    lines_per_edit: tuple[int, ...]
    states: int = 0
    """Linted states, the whole program among them, the empty one not."""
    states_clean: int = 0
    states_without_new: int = 0
    """Without a finding that the whole program does not have."""
    engine_sequences: int = 0
    """Sequences that the incremental engine was asked for."""
    engine_unmodelled: int = 0
    """Those of them that went to the reference as a whole."""
    engine_states: int = 0
    """States of the others."""
    engine_linted: int = 0
    """Those of them that the reference linted."""
    blocks_left_out: int = 0
    """Code blocks of its answer that do not compile, beside those it was made of."""

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        # Workers send one per row: half of what slotted dataclasses cost to pickle by default.
        return ProgramCounts, tuple(getattr(self, name) for name in self.__slots__)


def count_program(
    program: Program,
    sequences: Sequence[EditSequence],
    *,
    linter: Linter | None = None,
    hand_overs: HandOvers | None = None,
    blocks_left_out: int = 0,
    edit_format: str = UNIFIED,
) -> ProgramCounts:
    """The counts of `program`; with a `linter`, of the states of its first sequence too."""
    program_tokens = count_tokens(program.text)
    edits: list[int] = []
    lines: list[int] = []
    text_tokens = 0
    for sequence in sequences:
        sizes = edit_sizes(sequence.birth_steps)
        edits.append(len(sizes))
        lines += sizes
        if edit_format == UNIFIED:
            text_tokens += _model_text_tokens(sequence.birth_steps, program_tokens, len(sizes))
        else:
            text_tokens += count_tokens(sequence.to_model_text(edit_format=edit_format))
    states = _count_states(sequences[0], linter) if linter and sequences else (0, 0, 0)
    return ProgramCounts(
        n_lines=len(program.lines),
        n_rows=max(len(sequences), 1),
        program_tokens=program_tokens,
        text_tokens=text_tokens if sequences else program_tokens,
        edits_per_sequence=tuple(edits),
        lines_per_edit=tuple(lines),
        states=states[0],
        states_clean=states[1],
        states_without_new=states[2],
        engine_sequences=hand_overs.sequences if hand_overs else 0,
        engine_unmodelled=hand_overs.unmodelled.total() if hand_overs else 0,
        engine_states=hand_overs.states if hand_overs else 0,
        engine_linted=hand_overs.linted if hand_overs else 0,
        blocks_left_out=blocks_left_out,
    )


def count_tokens(text: str) -> int:
    """Tokens of `text`, cheap and the same everywhere (TOKENS_ARE)."""
    return len(_TOKEN.findall(text))


def edit_sizes(birth_steps: Sequence[int]) -> list[int]:
    """Lines of each edit, first edit first."""
    sizes = [0] * (max(birth_steps) + 1)
    for step in birth_steps:
        sizes[step] += 1
    return sizes


def _model_text_tokens(birth_steps: Sequence[int], program_tokens: int, n_edits: int) -> int:
    """`count_tokens` of the model text, without writing it: a "+" per line, headers, markers."""
    return (
        program_tokens
        + len(birth_steps)
        + _hunk_header_tokens(birth_steps)
        + (n_edits + 2) * _MARKER_TOKENS
    )


def _hunk_header_tokens(birth_steps: Sequence[int]) -> int:
    """A line goes on with a hunk of its edit if all lines between come with later edits."""
    tokens = 0
    open_hunks: list[list[int]] = []  # [step, lines so far], steps rising
    for step in birth_steps:
        while open_hunks and open_hunks[-1][0] > step:
            open_hunks.pop()
        if open_hunks and open_hunks[-1][0] == step:
            open_hunks[-1][1] += 1
            if open_hunks[-1][1] == 2:
                tokens += _HEADER_COUNT_TOKENS
        else:
            open_hunks.append([step, 1])
            tokens += _HEADER_TOKENS
    return tokens


def _count_states(sequence: EditSequence, linter: Linter) -> tuple[int, int, int]:
    program = sequence.program
    states = clean = without_new = 0
    try:
        known = original_findings(program, linter)
        for step in range(1, sequence.n_edits + 1):
            present = [line for line, birth in enumerate(sequence.birth_steps) if birth < step]
            keys = [key for _, key in lint_state(program, present, linter)]
            states += 1
            clean += not keys
            without_new += all(key in known for key in keys)
    except LinterFailure:  # the states could not be looked at: none is counted
        return 0, 0, 0
    return states, clean, without_new


_SUMS = (
    "states", "states_clean", "states_without_new", "engine_sequences", "engine_unmodelled",
    "engine_states", "engine_linted", "blocks_left_out",
)  # fmt: skip


@dataclass(slots=True)
class Counts:
    """Sums over programs; `merge` gives the same result in every grouping."""

    programs: int = 0
    rows: int = 0
    program_tokens: int = 0
    """Of the plain program, once for each row."""
    text_tokens: int = 0
    states: int = 0
    states_clean: int = 0
    states_without_new: int = 0
    engine_sequences: int = 0
    engine_unmodelled: int = 0
    engine_states: int = 0
    engine_linted: int = 0
    blocks_left_out: int = 0
    lines_per_program: Counter[int] = field(default_factory=Counter)
    edits_per_sequence: Counter[int] = field(default_factory=Counter)
    lines_per_edit: Counter[int] = field(default_factory=Counter)

    def add(self, counts: ProgramCounts) -> None:
        """Count one program more."""
        self.programs += 1
        self.rows += counts.n_rows
        self.program_tokens += counts.program_tokens * counts.n_rows
        self.text_tokens += counts.text_tokens
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(counts, name))
        self.lines_per_program[counts.n_lines] += 1
        for edits in counts.edits_per_sequence:
            self.edits_per_sequence[edits] += 1
        for lines in counts.lines_per_edit:
            self.lines_per_edit[lines] += 1

    def merge(self, other: Counts) -> None:
        """Add what `other` counted."""
        for name in _names():
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(mine, Counter):
                mine.update(theirs)
            else:
                setattr(self, name, mine + theirs)

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe; histograms with their keys in order."""
        return {
            name: {str(key): value[key] for key in sorted(value)}
            if isinstance(value, Counter)
            else value
            for name, value in ((name, getattr(self, name)) for name in _names())
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Counts:
        """What `to_dict` wrote."""
        record = {"blocks_left_out": 0, **record}  # reports of older versions do not say
        values: dict[str, Any] = {}
        for name in _names():
            value = record[name]
            if isinstance(value, dict):
                value = Counter({int(key): count for key, count in value.items()})
            values[name] = value
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Distribution:
    """A histogram in a few numbers; all NaN where nothing was counted."""

    count: int
    mean: float
    least: float
    p10: float
    median: float
    p90: float
    p99: float
    most: float


def describe(histogram: Mapping[int, int]) -> Distribution:
    """Mean and percentiles (nearest rank) of the values counted in `histogram`."""
    count = sum(histogram.values())
    if not count:
        nothing = float("nan")
        return Distribution(0, *(nothing,) * 7)
    total = sum(value * times for value, times in histogram.items())
    ordered = sorted(histogram.items())
    ranks = [_percentile(ordered, count, percent) for percent in (0, 10, 50, 90, 99, 100)]
    return Distribution(count, total / count, *ranks)


def _percentile(ordered: Iterable[tuple[int, int]], count: int, percent: int) -> int:
    rank = max(-(-count * percent // 100), 1)
    reached = 0
    for value, times in ordered:
        reached += times
        if reached >= rank:
            return value
    raise AssertionError("a percentile of nothing")


def _names() -> list[str]:
    return [part.name for part in fields(Counts)]

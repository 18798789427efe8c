"""What a lesson is: steps of a few sentences, each with one thing to look at, do or answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lintseq_core.errors import LintSeqError


class LessonError(LintSeqError):
    """A lesson file that cannot be used; the message names file, step, field and remedy."""


@dataclass(frozen=True, slots=True)
class Link:
    """A page of the explorer, in a state that its address holds."""

    page: str
    """Its name in the address; "" is the overview."""
    label: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SequenceRef:
    """Which edit sequence of which program is meant."""

    program: str
    """An example program by its name, or a file beside the lesson; "" if `code` is given."""
    code: str = ""
    seed: int = 0
    path: int = 0
    method: str = "lintseq"
    linter: str = "pyflakes"


@dataclass(frozen=True, slots=True)
class Player:
    """A player of a sequence in the step."""

    source: SequenceRef
    step: int | None = 0
    """How many edits have been made; None: all."""
    look: str = "inline"
    direction: str = "writing"
    """Whether lines come, or go as the algorithm deleted them ("apart")."""
    xray: bool = True
    whatif: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """A player of a recorded generation that ships with the explorer."""

    task: str
    model: str
    sample: int = 1
    """Counted from 1, as the page Generations does."""
    step: int = 0


@dataclass(frozen=True, slots=True)
class Estimator:
    """Sliders for samples, right ones and k, and what two estimators of pass@k say."""

    n: int
    c: int
    k: int


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose, and what is said to whoever chooses it."""

    text: str
    is_right: bool
    because: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Choose one of several; several options may be right."""

    kind: ClassVar[str] = "choice"
    ask: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """Say a number, right within the tolerance."""

    kind: ClassVar[str] = "number"
    ask: str
    answer: float
    tolerance: float
    unit: str
    because: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Click lines of a program: exactly these are right."""

    kind: ClassVar[str] = "lines"
    ask: str
    source: SequenceRef
    answer: tuple[int, ...]
    """1-based, as the reader sees them."""
    because: str


@dataclass(frozen=True, slots=True)
class Predict:
    """Predict the next edit of a sequence: any legal edit is right."""

    kind: ClassVar[str] = "predict"
    source: SequenceRef
    steps: tuple[int, ...]
    """After how many edits it is asked; empty: wherever it can be."""


Show = Player | Trace | Estimator
Question = Choice | Number | Lines | Predict


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a lesson; `text`, `do` and `note` in the marks of `lessons.markup`."""

    title: str
    text: str
    do: str = ""
    """The one thing to do."""
    links: tuple[Link, ...] = ()
    show: Show | None = None
    question: Question | None = None
    note: str = ""
    """For the instructor: answers, misconceptions, timing."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson as its file has it."""

    name: str
    """Of the file, without its suffix: what the address holds."""
    title: str
    summary: str
    minutes: int
    note: str
    """For the instructor: what the lesson is for."""
    steps: tuple[Step, ...]
    folder: str = ""
    """Where files beside the lesson are looked for."""

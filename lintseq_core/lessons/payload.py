"""A lesson as the browser receives it: all it shows and checks, so that nothing is asked later.

    {
      "format": "lintseq-lesson", "version": 1, "id", "name", "title", "summary", "minutes",
      "note": blocks or null,
      "steps": [{
        "title": "...", "text": blocks, "do": blocks or null, "note": blocks or null,
        "links": [{"label", "page", "address": "trajectories?program=..."}],
        "show": null or {"kind": "player", "payload", "step", "look", "direction", "xray",
                 "whatif"}
                     or {"kind": "estimator", "n", "c", "k"},
        "question": null or {"kind": "choice", "ask", "options": [{"text", "right", "because"}]}
                         or {"kind": "number", "ask", "answer", "tolerance", "unit", "because"}
                         or {"kind": "lines", "ask", "program", "answer", "because"}
                         or {"kind": "predict", "payload"}
      }, ...]
    }

Blocks are those of markup.py; "ask", "text" and "because" of a question are spans. "answer" of a
question about lines is 0-based here. Answers are in the data: a lesson is no examination.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from lintseq_core.edits import EditSequence, sample_path
from lintseq_core.errors import LintSeqError
from lintseq_core.lessons.lesson import (
    Choice,
    Estimator,
    Lesson,
    LessonError,
    Lines,
    Link,
    Number,
    Player,
    Predict,
    Question,
    SequenceRef,
    Show,
    Step,
    Trace,
)
from lintseq_core.lessons.markup import Block, Span, read_markup, read_spans
from lintseq_core.linting import get_linter
from lintseq_core.programs import Program
from lintseq_core.viewer import build_payload, build_predict_payload
from lintseq_core.viewer.generated import build_generation_payload
from lintseq_core.viewer.highlight import TOKEN_CLASSES, token_runs
from lintseq_core.viewer.payload import identified
from lintseq_core.viewer.trace_runs import find_task
from lintseq_core.viewer.traces import read_traces
from lintseq_core.viewer.whatif import closures_of_states

FORMAT = "lintseq-lesson"
VERSION = 1
MAX_CLOSURES_SENT = 3_000
MAX_LINES = 300
"""Longest program of a lesson."""


def build_lesson_payload(
    lesson: Lesson, assets: Path, *, with_notes: bool = True
) -> dict[str, Any]:
    """`lesson` with everything it shows: JSON-safe, described at the top of this module.

    `assets` is the folder with the example programs and traces. LessonError names the step and the
    field that ask for what there is not. Raises LinterFailure.
    """
    return identified(
        {
            "format": FORMAT,
            "version": VERSION,
            "name": lesson.name,
            "title": lesson.title,
            "summary": lesson.summary,
            "minutes": lesson.minutes,
            "note": _blocks(lesson.note) if with_notes else None,
            "steps": [
                _step(step, _Place(lesson, assets, number, step.title), with_notes)
                for number, step in enumerate(lesson.steps, start=1)
            ],
        }
    )


class _Place:
    """Where in a lesson something is wanted, and where it is looked for."""

    def __init__(self, lesson: Lesson, assets: Path, number: int, title: str) -> None:
        self._lesson, self._assets = lesson, assets
        self._where = f"{lesson.name}.yaml, step {number} ({title})"

    def error(self, field: str, problem: str) -> LessonError:
        return LessonError(f"{self._where}, {field}: {problem}")

    def program(self, source: SequenceRef, field: str) -> Program:
        try:
            program = self._find(source, field)
        except LintSeqError as error:
            if isinstance(error, LessonError):
                raise
            raise self.error(field, str(error)) from None
        if len(program.lines) > MAX_LINES:
            raise self.error(field, f"{len(program.lines)} lines; a lesson takes {MAX_LINES}")
        return program

    def _find(self, source: SequenceRef, field: str) -> Program:
        if source.code:
            return Program.from_text(source.code, "the code")
        if source.program.endswith(".py"):
            folder = Path(self._lesson.folder or ".").resolve()
            path = (folder / source.program).resolve()
            if not path.is_relative_to(folder) or not path.is_file():
                raise self.error(
                    f"{field}, program", f"there is no file {source.program!r} beside the lesson"
                )
            return Program.from_file(path)
        known = {path.stem: path for path in sorted((self._assets / "programs").glob("*.py"))}
        if source.program not in known:
            raise self.error(
                f"{field}, program",
                f"there is no example program {source.program!r}: choose one of "
                f"{', '.join(known)}, or name a file that ends in .py",
            )
        return Program.from_file(known[source.program])

    def sequence(self, source: SequenceRef, field: str) -> EditSequence:
        program = self.program(source, field)
        try:
            return sample_path(
                program,
                seed=source.seed,
                path_index=source.path,
                method="randseq" if source.method == "randseq" else "lintseq",
                linter=get_linter(source.linter),
            )
        except LintSeqError as error:
            raise self.error(f"{field}, linter", str(error)) from None

    def title(self, source: SequenceRef) -> str:
        return "A small program" if source.code else f"{source.program.removesuffix('.py')}.py"

    def trace(self, trace: Trace) -> dict[str, Any]:
        of_models = self._assets / "pocket" / "traces"
        models = sorted(folder.name for folder in of_models.glob("pocket-*"))
        if trace.model not in models:
            raise self.error(
                "show, trace",
                f"no model {trace.model!r} has traces that ship; there are {', '.join(models)}",
            )
        folder = of_models / trace.model
        path = folder / f"{trace.task.replace('/', '_')}.jsonl"
        known = sorted((file.stem for file in folder.glob("*.jsonl")), key=_by_number)
        if path.stem not in known:
            raise self.error(
                "show, trace",
                f"no trace of {trace.task!r} by {trace.model!r} ships; there are "
                f"{', '.join(known).replace('_', '/')}",
            )
        ((read,), _) = read_traces(path.read_bytes(), path.name)
        samples = read.trace.samples
        if trace.sample > len(samples):
            raise self.error(
                "show, trace, sample",
                f"{trace.sample} is too high: the trace has {len(samples)} samples",
            )
        return build_generation_payload(
            read.trace.header,
            samples[trace.sample - 1],
            title=f"{trace.task}, {trace.model}, sample {trace.sample}",
            task=find_task(read.trace.header, ()),
        )


def _by_number(name: str) -> int:
    return int("".join(filter(str.isdigit, name)) or 0)


def _step(step: Step, place: _Place, with_notes: bool) -> dict[str, Any]:
    return {
        "title": step.title,
        "text": _blocks(step.text),
        "do": _blocks(step.do),
        "note": _blocks(step.note) if with_notes else None,
        "links": [_link(link) for link in step.links],
        "show": _show(step.show, place),
        "question": _question(step.question, place),
    }


def _blocks(text: str) -> list[Block] | None:
    return read_markup(text) if text.strip() else None


def _line(text: str) -> list[Span]:
    return read_spans(" ".join(text.split()))


def _link(link: Link) -> dict[str, str]:
    query = urlencode(link.parameters)
    return {
        "label": link.label,
        "page": link.page,
        "address": f"{link.page}?{query}" if query else link.page,
    }


def _show(show: Show | None, place: _Place) -> dict[str, Any] | None:
    match show:
        case None:
            return None
        case Estimator(n=n, c=c, k=k):
            return {"kind": "estimator", "n": n, "c": c, "k": k}
        case Trace():
            payload = place.trace(show)
            options: dict[str, Any] = {"look": "inline", "direction": "writing"}
            options |= {"xray": False, "whatif": False}
        case Player():
            sequence = place.sequence(show.source, "show, player")
            payload = build_payload(
                sequence, title=place.title(show.source), whatif=_closures(sequence)
            )
            options = {"look": show.look, "direction": show.direction}
            options |= {"xray": show.xray, "whatif": show.whatif}
    n_edits = payload["n_edits"]
    step = n_edits if show.step is None else show.step
    if step > n_edits:
        raise place.error("show, step", f"{step} is too high: the sequence has {n_edits} edits")
    return {"kind": "player", "payload": payload, "step": step, **options}


def _closures(sequence: EditSequence) -> dict[str, Any] | None:
    if (sequence.method, sequence.linter_name) != ("lintseq", "pyflakes"):
        return None
    return closures_of_states(sequence, get_linter("pyflakes"), max_lines=MAX_CLOSURES_SENT)


def _question(question: Question | None, place: _Place) -> dict[str, Any] | None:
    match question:
        case None:
            return None
        case Choice(ask=ask, options=options):
            details: dict[str, Any] = {
                "ask": _line(ask),
                "options": [
                    {
                        "text": _line(option.text),
                        "right": option.is_right,
                        "because": _line(option.because),
                    }
                    for option in options
                ],
            }
        case Number():
            details = {
                "ask": _line(question.ask),
                "answer": question.answer,
                "tolerance": question.tolerance,
                "unit": question.unit,
                "because": _line(question.because),
            }
        case Lines():
            program = place.program(question.source, "question")
            last = len(program.lines)
            if question.answer[-1] > last:
                raise place.error(
                    "question, answer",
                    f"there is no line {question.answer[-1]}: {last} is the last",
                )
            blank = [number for number in question.answer if not program.lines[number - 1].strip()]
            if blank:
                raise place.error(
                    "question, answer",
                    f"line {blank[0]} is blank: only lines of code can be clicked",
                )
            details = {
                "ask": _line(question.ask),
                "program": _program(program),
                "answer": [number - 1 for number in question.answer],
                "because": _line(question.because),
            }
        case Predict():
            sequence = place.sequence(question.source, "question")
            try:
                payload = build_predict_payload(
                    sequence,
                    title=place.title(question.source),
                    steps=question.steps or None,
                )
            except LintSeqError as error:
                raise place.error("question, steps", str(error)) from None
            details = {"payload": payload}
    return {"kind": question.kind, **details}


def _program(program: Program) -> dict[str, Any]:
    return {
        "lines": list(program.lines),
        "births": [0] * len(program.lines),
        "token_classes": list(TOKEN_CLASSES),
        "tokens": token_runs(program.lines),
    }

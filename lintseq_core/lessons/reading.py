"""Lessons from YAML files: each read whole or refused with file, step, field and remedy."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lintseq_core.errors import LintSeqError
from lintseq_core.lessons.fields import Fields
from lintseq_core.lessons.lesson import (
    Choice,
    Estimator,
    Lesson,
    LessonError,
    Lines,
    Link,
    Number,
    Option,
    Player,
    Predict,
    Question,
    SequenceRef,
    Show,
    Step,
    Trace,
)
from lintseq_core.linting import LINTER_NAMES

MAX_BYTES = 400_000
MAX_STEPS = 60
SUFFIXES = (".yaml", ".yml")
PAGES = ("overview", "trajectories", "generations", "pass_at_k", "diversity", "data", "lessons")
_SOURCE = ("program", "code", "seed", "path", "method", "linter")


def find_lessons(paths: Iterable[Path]) -> list[Path]:
    """The lesson files among `paths` and in the folders among them, by name."""
    lesson_files: list[Path] = []
    for path in paths:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        lesson_files += [file for file in inside if file.suffix in SUFFIXES and file.is_file()]
    return lesson_files


def read_lesson(path: Path) -> Lesson:
    """The lesson in `path`. LessonError names the file, the step and the field at fault."""
    if path.stat().st_size > MAX_BYTES:
        raise LessonError(
            f"{path.name}: larger than {MAX_BYTES // 1000} kB; make two lessons of it"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LessonError(f"{path.name}: not UTF-8; save the file as UTF-8") from None
    return parse_lesson(text, path.name, folder=str(path.resolve().parent))


def parse_lesson(text: str, name: str, *, folder: str = "") -> Lesson:
    """The lesson in the YAML `text`; `name` is what errors call its file."""
    fields = Fields(_load(text, name), name, ("title", "summary", "minutes", "note", "steps"))
    steps = [
        _read_step(member, f"{name}, step {number}")
        for number, (member, _) in enumerate(fields.each("steps", least=1, of="steps"), start=1)
    ]
    if len(steps) > MAX_STEPS:
        fields.fail("steps", f"{len(steps)} steps, {MAX_STEPS} are read: make two lessons of it")
    return Lesson(
        name=Path(name).stem,
        title=fields.text("title"),
        summary=fields.text("summary"),
        minutes=fields.whole("minutes", least=1),
        note=fields.text("note", ""),
        steps=tuple(steps),
        folder=folder,
    )


def _load(text: str, name: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise LintSeqError(
            "pyyaml is not installed: pip install 'lintseq-core[dashboard]'"
        ) from None

    class Loader(yaml.SafeLoader):
        """Plain data only; no key twice, and no aliases, which can unfold without bound."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.events.AliasEvent):
                mark = self.peek_event().start_mark
                raise LessonError(f"{name}, line {mark.line + 1}: write it out instead of an alias")
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            seen = set()
            for key, _ in node.value:
                if key.value in seen:
                    raise LessonError(
                        f"{name}, line {key.start_mark.line + 1}: {key.value!r} is there twice; "
                        "keep one"
                    )
                seen.add(key.value)
            return super().construct_mapping(node, deep)

    try:
        return yaml.load(text, Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise LessonError(
            f"{name}{place}: no YAML: {problem}; texts with `: ` or `#` take quotes or a `|` block"
        ) from None
    except RecursionError:
        raise LessonError(f"{name}: nested too deeply; a lesson takes five levels") from None


def _read_step(value: object, place: str) -> Step:
    fields = Fields(value, place, ("title", "text", "do", "links", "show", "question", "note"))
    title = fields.text("title")
    fields.place = f"{place} ({title})"
    return Step(
        title=title,
        text=fields.text("text"),
        do=fields.text("do", ""),
        links=tuple(_read_link(*member) for member in fields.each("links", of="links")),
        show=fields.inside("show", _read_show),
        question=fields.inside("question", _read_question),
        note=fields.text("note", ""),
    )


def _read_link(value: object, place: str) -> Link:
    fields = Fields(value, place, ("page", "label", "with"))
    page = fields.one_of("page", PAGES)
    return Link("" if page == "overview" else page, fields.text("label"), fields.parameters("with"))


def _read_show(value: object, place: str) -> Show:
    fields = Fields(value, place, ("player", "trace", "estimator"))
    given = [name for name in ("player", "trace", "estimator") if fields.has(name)]
    if len(given) != 1:
        raise LessonError(f"{place}: give one of player, trace and estimator, not {len(given)}")
    read = {"player": _read_player, "trace": _read_trace, "estimator": _read_estimator}[given[0]]
    return fields.inside(given[0], read)  # type: ignore[no-any-return]


def _read_player(value: object, place: str) -> Player:
    fields = Fields(value, place, (*_SOURCE, "step", "look", "direction", "xray", "whatif"))
    return Player(
        source=_read_source(fields),
        step=None if fields.is_word("step", "last") else fields.whole("step", 0),
        look=fields.one_of("look", ("inline", "split", "births"), "inline"),
        direction=fields.one_of("direction", ("writing", "apart"), "writing"),
        xray=fields.flag("xray", True),
        whatif=fields.flag("whatif", False),
    )


def _read_source(fields: Fields) -> SequenceRef:
    if fields.has("program") == fields.has("code"):
        fields.fail("program", "give either a program by its name or its code")
    return SequenceRef(
        program=fields.text("program", ""),
        code=fields.text("code", ""),
        seed=fields.whole("seed", 0),
        path=fields.whole("path", 0),
        method=fields.one_of("method", ("lintseq", "randseq"), "lintseq"),
        linter=fields.one_of("linter", LINTER_NAMES, "pyflakes"),
    )


def _read_trace(value: object, place: str) -> Trace:
    fields = Fields(value, place, ("task", "model", "sample", "step"))
    return Trace(
        task=fields.text("task"),
        model=fields.text("model"),
        sample=fields.whole("sample", 1, least=1),
        step=fields.whole("step", 0),
    )


def _read_estimator(value: object, place: str) -> Estimator:
    fields = Fields(value, place, ("n", "c", "k"))
    estimator = Estimator(fields.whole("n", least=1), fields.whole("c"), fields.whole("k", least=1))
    if estimator.c > estimator.n or estimator.k > estimator.n or estimator.n > 200:
        raise LessonError(f"{place}: c and k are at most n, and n at most 200")
    return estimator


def _read_question(value: object, place: str) -> Question:
    known = ("kind", "ask", "options", "answer", "tolerance", "unit", "because", "steps")
    fields = Fields(value, place, (*known, *_SOURCE))
    kind = fields.one_of("kind", ("choice", "number", "lines", "predict"))
    if kind == "choice":
        return _read_choice(fields)
    if kind == "predict":
        return Predict(_read_source(fields), fields.wholes("steps", least=0))
    if kind == "lines":
        answer = fields.wholes("answer", least=1)
        if not answer:
            fields.fail("answer", "is missing: list the lines that are right, counted from 1")
        return Lines(
            fields.text("ask"), _read_source(fields), tuple(sorted(set(answer))),
            fields.text("because"),
        )  # fmt: skip
    tolerance = fields.number("tolerance", 0.0)
    if tolerance < 0:
        fields.fail("tolerance", f"expected 0 or more, found {tolerance:g}")
    return Number(
        fields.text("ask"), fields.number("answer"), tolerance, fields.text("unit", ""),
        fields.text("because"),
    )  # fmt: skip


def _read_choice(fields: Fields) -> Choice:
    options = []
    for member, place in fields.each("options", least=2, of="options"):
        option = Fields(member, place, ("text", "right", "because"))
        options.append(
            Option(option.text("text"), option.flag("right", False), option.text("because"))
        )
    if not any(option.is_right for option in options):
        fields.fail("options", "none is right: mark one with `right: true`")
    return Choice(fields.text("ask"), tuple(options))

"""Code and commands that are made from functions: what is rendered, and what is refused."""

from __future__ import annotations

import datetime
import inspect
import math
import pathlib
import shlex
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
import pytest

from dashboard.shared.calls import SHOW_FIGURE, Code, call, code, constant, lines, script, value
from dashboard.shared.commands import command_line
from lintseq_core import EditSequence, Program, get_linter, path_rng, sample_path
from lintseq_core.charts import theme
from lintseq_core.charts.pass_at_k import Place
from lintseq_core.cli.dataset.stats import stats
from lintseq_core.cli.diversity import diversity
from lintseq_core.cli.generate import generate
from lintseq_core.cli.passk import passk
from lintseq_core.cli.sample import sample
from lintseq_core.edits import SamplingConfig
from lintseq_core.execution.verdict import Isolation
from lintseq_core.generation.trace import GenerationTrace
from lintseq_core.linting.finding import Finding
from tests.command_lines import parsed

pytestmark = pytest.mark.feature("Taking charts along")


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Bar:
    colour: Colour
    width: float = 1.0
    marks: list[int] = field(default_factory=list)


VALUES: list[tuple[object, str]] = [
    (None, "None"),
    (True, "True"),
    (-3, "-3"),
    (0.1, "0.1"),
    (np.float64(0.1), "0.1"),
    (np.int64(3), "3"),
    (math.inf, "float('inf')"),
    ("it's \n\\ \u202e", '"it\'s \\n\\\\ \\u202e"'),
    (b"\x00", "b'\\x00'"),
    ([1, "a"], "[1, 'a']"),
    ((), "()"),
    ((1,), "(1,)"),
    (((1, 2), None), "((1, 2), None)"),
    ({"a": {1: 2.5}}, "{'a': {1: 2.5}}"),
    (Colour.RED, "Colour.RED"),
    (Bar(Colour.RED), "Bar(colour=Colour.RED)"),
    (Bar(Colour.RED, marks=[1]), "Bar(colour=Colour.RED, marks=[1])"),
    (pathlib.Path("a b"), "Path('a b')"),
    (bool, "bool"),
    (Place("p", "n"), "Place(panel='p', name='n')"),
    (SamplingConfig(), "SamplingConfig()"),
    (SamplingConfig(indent_bias=None), "SamplingConfig(indent_bias=None)"),
    (get_linter, "get_linter"),
]


@pytest.mark.parametrize(("given", "text"), VALUES, ids=[text for _, text in VALUES])
def test_a_value_is_written_as_the_expression_that_makes_it(given: object, text: str) -> None:
    made = value(given)
    assert made.text == text
    space: dict[str, Any] = {"Colour": Colour, "Bar": Bar}
    for module, name in made.imports - {(__name__, "Colour"), (__name__, "Bar")}:
        exec(f"from {module} import {name}", space)
    assert eval(made.text, space) == given


@pytest.mark.parametrize(
    "given",
    [{1}, datetime.date(2026, 1, 1), object(), np.arange(2), lambda: 1, [object()], math],
    ids=("set", "date", "object", "array", "lambda", "list of an object", "module"),
)
def test_a_value_without_an_expression_is_refused(given: object) -> None:
    with pytest.raises(TypeError):
        value(given)


SEQUENCE = Code("sequence")


@pytest.mark.parametrize(
    ("made", "text", "imports"),
    [
        (call(get_linter, "ruff"), "get_linter('ruff')", {("lintseq_core", "get_linter")}),
        (
            call(Program.from_file, "a.py"),
            "Program.from_file('a.py')",
            {("lintseq_core", "Program")},
        ),
        (call(EditSequence.edits, SEQUENCE), "sequence.edits()", set()),
        (code("{}.{}", SEQUENCE, EditSequence.n_edits), "sequence.n_edits", set()),
        (code("program.{}", Program.id), "program.id", set()),
        (code("trace.{}[{}]", GenerationTrace.samples, 2), "trace.samples[2]", set()),
        (code("{{{}}}", "a"), "{'a'}", set()),
        (constant(theme, theme.DARK), "DARK", {("lintseq_core.charts.theme", "DARK")}),
        (
            value(Isolation.BOX),
            "Isolation.BOX",
            {("lintseq_core.execution.verdict", "Isolation")},
        ),
        (
            lines(call(inspect.signature, call), Code("x")),
            "signature(call)\nx",
            {("inspect", "signature"), ("dashboard.shared.calls", "call")},
        ),
        (
            call(Program, "x = 1\n"),
            "Program('x = 1\\n')",
            {("lintseq_core", "Program")},
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_code_imports_what_it_names_by_the_shortest_public_path(
    made: Code, text: str, imports: set[tuple[str, str]]
) -> None:
    assert (made.text, made.imports) == (text, imports)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: call(get_linter),
        lambda: call(get_linter, name_of_linter="ruff"),
        lambda: call(sample_path, Code("program"), seed=0, path=0),
        lambda: call(EditSequence.edits),
        lambda: call(Finding, "E1", symbol="x"),
        lambda: call(Bar, colour=Colour.RED, height=1),
        lambda: call(lambda: 1),
        lambda: value(Bar(Colour.RED, marks=[object()])),  # type: ignore[list-item]
    ],
)
def test_a_call_that_would_fail_is_not_written(wrong: Any) -> None:
    with pytest.raises(TypeError):
        wrong()


def test_a_name_that_a_module_does_not_have_is_refused() -> None:
    with pytest.raises(LookupError, match="theme has no name for"):
        constant(theme, object())


def test_a_script_does_not_import_one_name_from_two_modules() -> None:
    from lintseq_core.cli.dataset.sample import sample as sample_of_data

    with pytest.raises(ValueError, match=r"^sample is a name of lintseq_core\.cli\.dataset"):
        script(call(sample, "a.py"), call(sample_of_data, pathlib.Path("a.jsonl")))


def test_a_long_call_stands_on_several_lines_and_imports_stand_above_in_groups() -> None:
    long = "a program with a long name.py"
    racers = {name: call(sample_path, Code("p"), seed=0, path_index=0) for name in (long, "b")}
    text = script(
        code("p = {}", call(Program.from_file, pathlib.Path(long))),
        code("racers = {}", {**racers, "rng": call(path_rng, 0, Code("p.id"), 1)}),
        code("x = {}", call(np.ones, 3, bool)),
        SHOW_FIGURE,
    )
    assert text == (
        "from pathlib import Path\n\n"
        "from numpy import ones\n\n"
        "from lintseq_core import Program, path_rng, sample_path\n\n"
        "p = Program.from_file(Path('a program with a long name.py'))\n"
        "racers = {\n"
        "    'a program with a long name.py': sample_path(p, seed=0, path_index=0),\n"
        "    'b': sample_path(p, seed=0, path_index=0),\n"
        "    'rng': path_rng(0, p.id, 1),\n"
        "}\n"
        "x = ones(3, bool)\n"
        "figure.show()\n"
    )


COMMANDS: list[tuple[Any, dict[str, Any], str]] = [
    (sample, {"file": "a.py"}, "lintseq sample a.py"),
    (
        sample,
        {"file": "a b.py", "linter": "ruff", "seed": 0, "samples": 2, "path": None},
        "lintseq sample 'a b.py' --linter ruff --seed 0 -s 2",
    ),
    (sample, {"file": "-a.py", "seed": 1}, "lintseq sample --seed 1 -- -a.py"),
    (sample, {"file": "-", "uniform": True}, "lintseq sample - --uniform"),
    (sample, {"file": "a.py", "uniform": False}, "lintseq sample a.py"),
    (stats, {"file": pathlib.Path("x.jsonl")}, "lintseq dataset stats x.jsonl"),
    (
        passk,
        {"results": ["a", "it's"], "k": "1,2", "temperature": 1.0},
        "lintseq passk a 'it'\"'\"'s' --k 1,2 --temperature 1",
    ),
    (passk, {"compare": ("a", "b"), "by_problem": True}, "lintseq passk --compare a b --problems"),
    (
        diversity,
        {"samples": "s", "temperature": 0.1234567, "benchmark": "mbpp"},
        "lintseq diversity s --temperature 0.1234567 -b mbpp",
    ),
    (
        generate,
        {"instruction": "-n", "stop": ["-x", "y", ""], "output": "t.jsonl"},
        "lintseq generate --stop=-x --stop y --stop '' -o t.jsonl -- -n",
    ),
]


@pytest.mark.parametrize(("function", "values", "line"), COMMANDS, ids=[c[-1] for c in COMMANDS])
def test_a_command_line_says_to_the_command_what_it_was_made_of(
    function: Any, values: dict[str, Any], line: str
) -> None:
    made = command_line(function, **values)
    assert shlex.split(made) == shlex.split(line)
    _, read = parsed(made)
    for name, told in values.items():
        if told is not None:
            assert read[name] == (told if isinstance(told, bool | str) else type(read[name])(told))


@pytest.mark.parametrize(
    ("function", "values", "message"),
    [
        (sample, {"seed": 1}, "lintseq sample: needs file"),
        (sample, {"file": None}, "lintseq sample: needs file"),
        (sample, {"file": "a", "sede": 1}, "lintseq sample: no parameter sede"),
        (stats, {"file": "a", "a": 1, "b": 2}, "lintseq dataset stats: no parameter a, b"),
    ],
)
def test_a_command_line_that_the_command_would_refuse_is_not_written(
    function: Any, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        command_line(function, **values)

"""The incremental engine gives what the reference gives: the same edits for the same reasons.

A sample here, all with `-m full`. What the incremental engine leaves to the reference is counted,
and next to nothing may be: a sequence counts as its own only if none of its states was handed over.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lintseq_core import (
    EditSequence,
    LinterFailure,
    Program,
    SamplingConfig,
    SourceError,
    closure,
    extract_definition,
    get_linter,
    sample_path,
)
from lintseq_core.edits.closure import ReferenceState
from lintseq_core.edits.incremental import HandOvers, engine
from lintseq_core.programs.definitions import _definitions
from tests.property.generated_programs import NAMES, indented, program_texts
from tests.property.hard_programs import HARD_PROGRAMS
from tests.property.real_code import humaneval_programs, stdlib_programs

LINTER = get_linter("pyflakes")
Named = tuple[str, Program]


def both(program: Program, seed: int, hand_overs: HandOvers | None = None) -> EditSequence:
    """The sequence of both engines; they must be equal in everything."""
    reference = sample_path(program, seed=seed, linter=LINTER, engine="reference")
    incremental = sample_path(
        program, seed=seed, linter=LINTER, engine="incremental", hand_overs=hand_overs
    )
    assert incremental.birth_steps == reference.birth_steps
    assert incremental.reasons == reference.reasons
    assert incremental == reference
    return incremental


def compare(programs: Iterable[Named], seeds: Iterable[int]) -> tuple[int, int]:
    """How many sequences were compared, and how many were all the incremental engine's own."""
    sequences = own = 0
    for name, program in programs:
        for seed in seeds:
            hand_overs = HandOvers()
            try:
                both(program, seed, hand_overs)
            except BaseException as error:
                error.add_note(f"{name}, seed {seed}")
                raise
            sequences += 1
            own += not hand_overs.linted and not hand_overs.unmodelled
    return sequences, own


def stdlib_functions(step: int = 1) -> Iterator[Named]:
    """Every `step`-th function or class of the sampled standard-library modules, as a program."""
    found = (
        (module, program, f"{path}:{node.lineno}")
        for module, program in stdlib_programs()
        for path, node in _definitions(program.tree)
    )
    for module, program, path in itertools.islice(found, None, None, step):
        try:
            yield f"{module}:{path}", extract_definition(program, path)
        except SourceError:  # a method whose string keeps it from being dedented
            continue


def installed_modules(most_lines: int) -> Iterator[Named]:
    """Modules of installed packages, in an order that mixes the packages."""
    root = Path(sysconfig.get_paths()["purelib"])
    paths = [(path.relative_to(root).as_posix(), path) for path in root.rglob("*.py")]
    paths.sort(key=lambda pair: hashlib.sha256(pair[0].encode()).digest())
    for name, path in paths:
        try:
            if path.read_bytes().count(b"\n") < most_lines:
                yield name, Program.from_file(path)
        except SourceError:
            continue


def instruction_programs(data_dir: Path) -> Iterator[Named]:
    """The programs of MBPP and of the Python part of CodeAlpaca."""
    for file, field in (("mbpp.jsonl", "code"), ("codealpaca_python.jsonl", "response")):
        for number, row in enumerate((data_dir / file).open(encoding="utf-8")):
            try:
                yield f"{file}:{number + 1}", Program.from_text(json.loads(row)[field])
            except SourceError:
                continue


# --- a sample ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HARD_PROGRAMS)
def test_the_engines_agree_on_hard_programs(name: str) -> None:
    program = Program.from_text(HARD_PROGRAMS[name])
    hand_overs = HandOvers()
    for seed in range(20):
        both(program, seed, hand_overs)
    assert not hand_overs.unmodelled  # else the comparison shows nothing


@pytest.mark.parametrize("name", HARD_PROGRAMS)
def test_the_engines_agree_on_every_closure_of_hard_programs(name: str) -> None:
    program = Program.from_text(HARD_PROGRAMS[name])
    for line in range(len(program.lines)):
        reference = closure(program, line, linter=LINTER, engine="reference")
        assert closure(program, line, linter=LINTER, engine="incremental") == reference


def test_the_engines_agree_on_humaneval_and_nothing_is_handed_over() -> None:
    assert compare(humaneval_programs(), seeds=range(2)) == (328, 328)


def test_the_engines_agree_on_a_sample_of_functions() -> None:
    sequences, own = compare(stdlib_functions(step=20), seeds=[0])
    assert sequences > 250
    assert own >= 0.99 * sequences


def test_the_engines_agree_on_a_sample_of_modules() -> None:
    short = [item for item in stdlib_programs() if len(item[1].lines) <= 200]
    sequences, own = compare(short[:60], seeds=[0])
    assert sequences == 60
    assert own >= 0.88 * sequences


def test_the_engines_agree_on_a_sample_of_instruction_data(data_dir: Path) -> None:
    sequences, own = compare(list(instruction_programs(data_dir))[::8], seeds=[0])
    assert sequences > 300
    assert own >= 0.99 * sequences


seeds = st.integers(0, 2**53 - 1)


@given(text=program_texts, seed=seeds, indent_bias=st.sampled_from([1, None]))
def test_the_engines_agree_on_generated_programs(
    text: str, seed: int, indent_bias: int | None
) -> None:
    program = Program.from_text(text)
    config = SamplingConfig(indent_bias=indent_bias)
    found = [
        sample_path(program, seed=seed, linter=LINTER, config=config, engine=engine)
        for engine in ("incremental", "reference")
    ]
    assert found[0] == found[1]


# Statements about names and scopes; not every order of them compiles.
NAMELY = (
    "global {0}",
    "nonlocal {0}",
    "{0}: int",
    "{0}: {1} = 1",
    "{0}: '{1}' = 1",
    "print(({0} := {1}))",
    "{0} = [({1} := i) for i in {0}]",
    "{0} = {{k: {1} for k in {0} for {1} in k}}",
    "{0} = lambda {1}: ({0}, {1})",
    "from os import *",
    "from {0} import {1}",
    "import {0}.path, {1} as {0}",
    "__all__ = ['{0}', '{1}']",
    "__all__ += ['{1}']",
    "del {0}",
    "{0}, max = {1}, max",
    "for {0} in {1}: print({0})",
    "class {0}: {1} = {0}; print({1}, __class__)",
    "def {0}({1}, *, key={0}) -> {1}: return {0}, {1}",
    "async def {0}(): return [await {1} async for {1} in {0}]",
    "with {0} as {1}, {1} as ({0}, count): pass",
    "{0} = '%s %s' % ({1}, {0})",
    "{0} = '{{}}{{}}'.format(\n    {1},\n    {0},\n)",
    "{0} = [\n    {1},\n    {0}(\n        {1},\n    ),\n    *[\n        a for a in {1}\n        if a\n    ],\n]",
    "def {0}(\n    {1}: {0},\n    b={1},\n    *c,\n    d: '{0}' = 1,\n): return {1}",
    "try: {0}\nexcept NameError: {1} = 1\nexcept {1} as {0}: {0}\nelse: {1}",
)


@st.composite
def namely_texts(draw: st.DrawFn) -> str:
    lines: list[str] = []
    if draw(st.integers(0, 3)) == 0:
        lines.append("from __future__ import annotations")
    for depth in draw(st.lists(st.integers(0, 2), min_size=2, max_size=12)):
        statement = draw(st.sampled_from(NAMELY))
        bound, used = draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES))
        block = statement.format(bound, used).split("\n")
        if depth == 1:
            header = draw(st.sampled_from(["def {0}({1}):", "class {0}({1}):", "if {1}:"]))
            block = [header.format(bound, used), *indented(block, "    ")]
        elif depth == 2:
            lines += [f"def {used}():", f"    {bound} = 1"]
            lines += indented([f"def {bound}():", *indented(block, "    ")], "    ")
            block = [f"    print({used})"]
        lines += block
    return "".join(f"{line}\n" for line in lines)


@given(text=namely_texts(), seed=seeds)
def test_the_engines_agree_on_generated_scopes(text: str, seed: int) -> None:
    try:
        program = Program.from_text(text)
    except SourceError:
        assume(False)
    try:
        reference = sample_path(program, seed=seed, linter=LINTER, engine="reference")
    except LinterFailure:
        with pytest.raises(LinterFailure):
            sample_path(program, seed=seed, linter=LINTER, engine="incremental")
        return
    assert sample_path(program, seed=seed, linter=LINTER, engine="incremental") == reference


def test_a_state_that_cannot_be_modelled_goes_to_the_reference_and_is_counted() -> None:
    # Without its fourth line a bracket stays open, and the rest of the file belongs to it.
    program = Program.from_text("x = max(\n    min(\n        1,\n    ),\n    2,\n)\n")
    counts = HandOvers()
    for seed in range(40):
        both(program, seed, counts)
    assert counts.sequences == 40
    assert 0 < counts.linted < counts.states


def test_a_program_that_cannot_be_modelled_is_counted_by_its_reason() -> None:
    program = Program.from_text("from typing import cast\nx = cast('int', 1)\nprint(x)\n")
    counts = HandOvers()
    both(program, 0, counts)
    assert dict(counts.unmodelled) == {"string as a type in a typing call or subscript": 1}


def test_the_incremental_engine_lints_no_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparisons above compare two engines: nothing is linted behind their backs."""

    def refuse(*arguments: object) -> None:
        raise AssertionError("linted")

    monkeypatch.setattr(engine, "lint_state", refuse)
    monkeypatch.setattr(ReferenceState, "new_findings", refuse)
    for _, program in humaneval_programs():
        sample_path(program, seed=3, linter=LINTER)


# --- all of it -----------------------------------------------------------------------------------


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_the_engines_agree_on_every_function_of_the_standard_library() -> None:
    sequences, own = compare(stdlib_functions(), seeds=[1])
    assert sequences >= 5000
    assert own >= 0.99 * sequences


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_the_engines_agree_on_every_module_of_the_standard_library() -> None:
    sequences, own = compare(stdlib_programs(), seeds=[1])
    assert sequences == len(stdlib_programs())
    assert own >= 0.88 * sequences


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_the_engines_agree_on_modules_of_installed_packages() -> None:
    modules = [item for item, _ in zip(installed_modules(800), range(600), strict=False)]
    sequences, own = compare(modules, seeds=[1])
    assert sequences == 600
    assert own >= 0.88 * sequences


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_the_engines_agree_on_all_instruction_data(data_dir: Path) -> None:
    sequences, own = compare(instruction_programs(data_dir), seeds=[1, 2])
    assert sequences > 5000
    assert own >= 0.99 * sequences

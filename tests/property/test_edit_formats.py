"""Every edit format gives back every program, edit by edit: real code, a sample here, all in full."""

from __future__ import annotations

import json
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintseq_core import Program, apply_edits, get_linter, parse_edits, sample_path
from lintseq_core.data.mining.mine import Candidate, mine_module
from lintseq_core.data.mining.self_contained import MiningConfig
from lintseq_core.edits.formats import FORMAT_NAMES, model_text
from tests.property.generated_programs import program_texts
from tests.property.hard_programs import HARD_PROGRAMS
from tests.property.real_code import humaneval_programs, stdlib_programs

LINTER = get_linter("pyflakes")
ROWS = 10_977
"""Of the mined data that assets/datasets/README.md describes."""


def check(named: Sequence[tuple[str, Program]], *, seed: int = 0) -> None:
    """What is written in a format reads as the same edits, by both methods of sampling."""
    assert named
    for name, program in named:
        for method in ("lintseq", "randseq"):
            hunks = sample_path(program, seed=seed, method=method, linter=LINTER).hunks()
            for edit_format in FORMAT_NAMES:
                text = model_text(hunks, edit_format=edit_format)
                where = f"{name}, {method}, {edit_format}"
                parsed = parse_edits(text, edit_format=edit_format)
                assert parsed.edits == hunks, where
                assert apply_edits(parsed.edits) == program.text, where


def mined(paths: Sequence[Path]) -> Iterator[tuple[str, Program]]:
    """The programs that mining takes out of modules."""
    for path in paths:
        for found in mine_module(path.read_bytes(), path.name, MiningConfig()):
            if isinstance(found, Candidate):
                yield f"{path.name}, {found.name}", found.program


def test_every_humaneval_program_survives_every_format() -> None:
    check(humaneval_programs())


def test_hard_programs_survive_every_format() -> None:
    check([(name, Program.from_text(text)) for name, text in HARD_PROGRAMS.items()])


@given(text=program_texts, seed=st.integers(0, 2**53 - 1))
def test_every_generated_program_survives_every_format(text: str, seed: int) -> None:
    check([("generated", Program.from_text(text))], seed=seed)


def test_a_sample_of_standard_library_modules_survives_every_format() -> None:
    check([item for item in stdlib_programs() if len(item[1].lines) <= 250][:25])


def test_a_sample_of_mined_rows_survives_every_format() -> None:
    modules = ("statistics", "textwrap", "heapq", "fractions", "bisect", "difflib", "random")
    root = Path(sysconfig.get_path("stdlib"))
    check(list(mined([root / f"{module}.py" for module in modules])))


@pytest.mark.full
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("start", range(0, 300, 20))
def test_every_standard_library_module_survives_every_format(start: int) -> None:
    check(stdlib_programs()[start : start + 20])


@pytest.mark.full
@pytest.mark.timeout(7200)
def test_every_mined_row_survives_every_format(data_dir: Path) -> None:
    path = data_dir / "mined.jsonl"
    if not path.exists():
        pytest.skip("no mined.jsonl beside the benchmark data; assets/datasets/README.md makes it")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len(rows) == ROWS
    check([(f"row {at}", Program.from_text(row["response"])) for at, row in enumerate(rows)])

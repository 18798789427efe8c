"""Counts of programs and sequences, exact and the same in every grouping."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from lintseq_core import Program, get_linter, sample_path
from lintseq_core.data.building.report import bars
from lintseq_core.data.counts import (
    Counts,
    Distribution,
    count_program,
    count_tokens,
    describe,
    edit_sizes,
)

PROGRAMS = sorted((Path(__file__).parents[3] / "assets" / "programs").glob("*.py"))


@pytest.mark.parametrize("method", ["lintseq", "randseq"])
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_tokens_are_those_of_the_model_text_without_writing_it(path: Path, method: str) -> None:
    program = Program.from_file(path)
    sequences = [
        sample_path(program, seed=1, path_index=index, method=method)  # type: ignore[arg-type]
        for index in range(3)
    ]
    counts = count_program(program, sequences)
    assert counts.text_tokens == sum(count_tokens(one.to_model_text()) for one in sequences)
    assert counts.program_tokens == count_tokens(program.text)
    assert counts.edits_per_sequence == tuple(one.n_edits for one in sequences)
    assert sum(counts.lines_per_edit) == 3 * len(program.lines)


def test_edits_are_measured_in_lines() -> None:
    assert edit_sizes((1, 0, 1, 2, 1)) == [1, 3, 1]


def test_states_with_old_findings_are_not_clean_and_have_no_new_finding() -> None:
    program = Program.from_text("x = missing\ny = 1\nz = 2\n")
    sequence = sample_path(program, seed=0)
    counts = count_program(program, [sequence], linter=get_linter("pyflakes"))
    with_old = sum("missing" in state for state in sequence.states())
    assert (counts.states, counts.states_without_new) == (sequence.n_edits, sequence.n_edits)
    assert counts.states_clean == sequence.n_edits - with_old


def test_sums_do_not_depend_on_the_grouping_and_survive_json() -> None:
    parts = []
    for path in PROGRAMS[:6]:
        program = Program.from_file(path)
        parts.append(count_program(program, [sample_path(program, seed=0)]))
    whole = Counts()
    for part in parts:
        whole.add(part)
    grouped = Counts()
    for start in (4, 0, 2):
        group = Counts()
        for part in parts[start : start + 2]:
            group.add(part)
        grouped.merge(Counts.from_dict(json.loads(json.dumps(group.to_dict()))))
    assert grouped == whole
    assert whole.programs == 6


def test_percentiles_are_values_that_occur() -> None:
    histogram = Counter({1: 50, 2: 40, 10: 9, 100: 1})
    assert describe(histogram) == Distribution(
        count=100, mean=3.2, least=1, p10=1, median=1, p90=2, p99=10, most=100
    )


def test_nothing_counted_is_nan_not_zero() -> None:
    nothing = describe({})
    assert nothing.count == 0
    assert nothing.mean != nothing.mean


def test_a_histogram_of_text_ends_in_one_bar_for_the_tail() -> None:
    assert bars({1: 2, 3: 1, 40: 1})[-1] == "13+ #################### 25.0%"
    assert bars({5: 1}) == ["5 ######################################## 100.0%"]

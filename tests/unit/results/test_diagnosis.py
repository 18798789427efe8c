"""Faults of harnesses in files of samples: each kind is named, clean sets raise no alarm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lintseq_core.benchmarks import get_benchmark, humaneval
from lintseq_core.results.diagnosis.diagnose import LEAST_SHARE, diagnose
from lintseq_core.results.diagnosis.kinds import KINDS, WORDS
from lintseq_core.results.formats.fault import FormatError
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.sample import Sample
from tests.diagnosis.injector import ALL, Answer
from tests.diagnosis.measuring import (
    PAIRS,
    SHARES,
    Corpus,
    corpora,
    measure,
    with_other_names,
    write_solutions,
)

BASICS = get_benchmark("basics")
PROBLEMS = BASICS.problems()
ASSETS = Path(__file__).resolve().parents[3] / "assets"
RECALL = 0.95


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """HumanEval as EvalPlus writes it, every second problem."""
    problems = humaneval.problems()
    problems = problems.select(problems[::2])
    answers = [
        Answer(
            one.task_id,
            one.prompt,
            with_other_names(one.prompt, one.reference[len(one.prompt) :]),
            continues=True,
            entry_point=one.entry_point,
            is_solution=True,
        )
        for one in problems
    ]
    benchmark = get_benchmark("humaneval")
    return Corpus("HumanEval", "EvalPlus", benchmark, problems, answers, write_solutions)


def test_every_kind_has_words_and_is_injected_by_a_test() -> None:
    assert set(WORDS) == set(KINDS) == set(ALL)
    assert len(KINDS) >= 14


@pytest.mark.parametrize("kind", ALL)
def test_a_fault_in_three_of_ten_samples_is_named(
    kind: str, corpus: Corpus, tmp_path: Path
) -> None:
    counts = measure(corpus, (kind,), 0.3, tmp_path)
    assert counts is not None
    assert counts[kind].recall >= RECALL
    assert counts[kind].others <= 0.05 * counts[kind].injected


@pytest.mark.parametrize(
    "pair",
    [
        ("code_fences", "chat_text"),
        ("shifted", "code_fences"),
        ("lost_indentation", "special_tokens"),
        ("html_escaped", "wrong_version"),
        ("reasoning_left", "truncated"),
    ],
)
def test_both_of_two_faults_are_named(
    pair: tuple[str, str], corpus: Corpus, tmp_path: Path
) -> None:
    if pair not in PAIRS:
        pair = pair[::-1]
    counts = measure(corpus, pair, 0.3, tmp_path)
    assert counts is not None
    assert min(count.recall for count in counts.values()) >= RECALL


@pytest.mark.full
def test_each_fault_is_named_at_every_share_in_the_files_of_four_tools(
    data_dir: Path, tmp_path: Path
) -> None:
    for share in SHARES:
        for kind in ALL:
            found = [measure(one, (kind,), share, tmp_path) for one in corpora(data_dir)]
            counts = [one[kind] for one in found if one is not None]
            named, injected = sum(one.named for one in counts), sum(one.injected for one in counts)
            assert injected and named >= RECALL * injected, (kind, share)


@pytest.mark.parametrize("strips", [False, True], ids=["whole", "stripped"])
@pytest.mark.parametrize("name", ["basics", "humaneval"])
def test_published_solutions_raise_no_alarm(name: str, strips: bool) -> None:
    benchmark = get_benchmark(name)
    problems = benchmark.problems()
    texts = {one.task_id: one.reference for one in problems}
    if strips:
        texts = {key: text.rstrip() for key, text in texts.items()}
    whole = [Sample(key, 0, solution=text) for key, text in texts.items()]
    bodies = [
        Sample(one.task_id, 0, completion=texts[one.task_id][len(one.prompt) :]) for one in problems
    ]
    for samples in (whole, bodies):
        assert [one.faults for one in diagnose(samples, benchmark, problems).samples] == [()] * len(
            problems
        )


def test_pocket_solutions_raise_no_alarm() -> None:
    benchmark = get_benchmark("pocket")
    problems = benchmark.problems()
    problems = problems.select(problems[::4])
    samples = [Sample(one.task_id, 0, solution=one.reference) for one in problems]
    assert not any(one.faults for one in diagnose(samples, benchmark, problems).samples)


@pytest.mark.parametrize("name", ["smollm2-135m-whole", "smollm2-135m-lintseq"])
def test_what_a_weak_model_wrote_raises_no_alarm(name: str) -> None:
    path = ASSETS / "generations" / "samples" / f"{name}.jsonl"
    samples = list(recognise(Input(path, path.name)).samples())
    assert diagnose(samples[::3], BASICS, PROBLEMS).shares == {}


def bodies(change: str = "{}") -> list[Sample]:
    return [
        Sample(one.task_id, 0, completion=change.format(one.reference[len(one.prompt) :]))
        for one in PROBLEMS
    ]


def test_three_examples_come_of_three_problems_with_the_text_that_is_run_mended() -> None:
    found = diagnose(bodies("```python\n{}```"), BASICS, PROBLEMS)
    assert found.shares == {"code_fences": 1.0}
    examples = found.examples("code_fences")
    assert len({one.sample.task_id for one in examples}) == 3
    assert examples[0].program == PROBLEMS[0].prompt + "```python\n" + bodies()[0].text + "```"
    assert examples[0].mended == PROBLEMS[0].reference.rstrip()


def test_what_the_harness_is_said_to_take_out_is_no_fault() -> None:
    fenced = bodies("```python\n{}```")
    assert diagnose(fenced, BASICS, PROBLEMS, "instruction").shares == {}


def test_edits_are_no_fault_where_their_prompt_asks_for_edits() -> None:
    edits = [
        Sample(
            one.task_id,
            0,
            completion="@@ -0,0 +1,{} @@\n{}\n".format(
                one.reference.count("\n"),
                "\n".join(f"+{line}" for line in one.reference.rstrip("\n").split("\n")),
            ),
            prompt=asked,
        )
        for one in PROBLEMS
        for asked in (f"{one.instruction}\n<|diff|>",)
    ]
    assert diagnose(edits, BASICS, PROBLEMS).shares == {}
    unasked = [Sample(one.task_id, 0, completion=one.completion) for one in edits]
    assert diagnose(unasked, BASICS, PROBLEMS).shares == {"wrong_prompt_style": 1.0}


def test_a_fault_of_few_samples_is_a_slip_of_the_model() -> None:
    many = [sample for _ in range(3) for sample in bodies()]
    many[0] = bodies("```python\n{}```")[0]
    found = diagnose(many, BASICS, PROBLEMS)
    assert 1 / len(many) < LEAST_SHARE
    assert (found.samples[0].faults, found.shares) == (("code_fences",), {})


def test_task_ids_that_no_version_has_are_named_too() -> None:
    samples = [Sample(f"Other/{1_000 + number}", 0, completion="x") for number in range(3)]
    found = diagnose(samples, BASICS, PROBLEMS)
    assert found.shares == {"wrong_version": 1.0}
    assert not any(one.can_be_mended and one.mended for one in found.samples)


def test_verdicts_without_programs_say_what_to_name(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(json.dumps({"task_id": "Basics/0", "passed": False}) + "\n")
    with pytest.raises(FormatError, match=r"row 1: a verdict without a program; name the file"):
        diagnose(recognise(Input(path, "results.jsonl")).samples(), BASICS, PROBLEMS)


@pytest.mark.parametrize(
    "text", ["\x00", "(" * 5_000, "&lt;" * 10, "```" * 99, "\ud800", "Ġ", "@@"]
)
def test_odd_texts_are_looked_at(text: str) -> None:
    problem = PROBLEMS[0].task_id
    samples = [Sample(problem, 0, completion=text), Sample(problem, 1, solution=text)]
    assert len(diagnose(samples, BASICS, PROBLEMS).samples) == 2

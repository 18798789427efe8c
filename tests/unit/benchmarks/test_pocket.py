"""Pocket: every program of every task is right, and what is held out stays held out."""

from __future__ import annotations

import ast
import builtins
import copy
import hashlib
import json
import keyword
import random
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from lintseq_core.benchmarks import BenchmarkError, get_benchmark
from lintseq_core.benchmarks.pocket import arguments
from lintseq_core.benchmarks.pocket.held_out import problems, task_rows, tasks
from lintseq_core.benchmarks.pocket.results import ANNOTATIONS, GATHERINGS, SHOWS
from lintseq_core.benchmarks.pocket.rows import instruction_rows
from lintseq_core.benchmarks.pocket.sources import SOURCES
from lintseq_core.benchmarks.pocket.steps import ARRANGEMENTS, CHANGES, KEEPS, STEPS
from lintseq_core.benchmarks.pocket.task import DIFFICULTIES, PocketTask, draft_task, draw_task
from lintseq_core.benchmarks.pocket.wording import instruction
from lintseq_core.benchmarks.pocket.writing import HABITS, LINES, write_program
from lintseq_core.json_text import json_text
from lintseq_core.linting import get_linter
from tests.unit.benchmarks.pocket_mutants import count

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "pocket.md").read_text(encoding="utf-8")
all_tasks = cache(tasks)
all_problems = cache(problems)
some_rows = cache(lambda: list(instruction_rows(600, seed=3)))
PARTS = (*STEPS, *GATHERINGS, *SHOWS)
SHA256_OF_PROBLEMS = "139e53ca34630f85c6fdd6d34be58ce5a61c09b29bfa036c84991f1794416c8d"
SHA256_OF_ROWS = "0fdbafd354ec5fd13f8ac2bd16475c8d0883137996ee36aea7df821fda1c8f2c"


def drawn(seed: int, n: int) -> list[PocketTask]:
    rng = random.Random(seed)
    return [draw_task(rng, DIFFICULTIES[i % len(DIFFICULTIES)]) for i in range(n)]


def solve(task: PocketTask, program: str, given: tuple) -> object:
    """What `program` returns for `given`, which it must leave as it is."""
    scope: dict = {}
    exec(compile(program, "program", "exec"), scope)
    handed = copy.deepcopy(given)
    answer = scope[task.entry_point](*handed)
    assert handed == given, program
    return answer


def check_programs(chosen: list[PocketTask], seed: int, n_ways: int) -> None:
    rng = random.Random(seed)
    for task in chosen:
        trials = arguments.edges(task.source, task.view)
        trials += [arguments.draw(task.source, task.view, rng) for _ in range(5)]
        answers = [task.answer(given) for given in trials]
        for habit in list(HABITS) * n_ways:
            program = write_program(task, rng, habit)
            found = [solve(task, program, given) for given in trials]
            assert found == answers, f"{instruction(task)}\n{program}"
            kinds = [type(answer) for answer in found]
            assert kinds == [type(answer) for answer in answers], program


def test_every_program_of_every_task_gives_what_the_task_says() -> None:
    check_programs(drawn(1, 60), seed=1, n_ways=1)


@pytest.mark.full
def test_every_program_of_very_many_tasks_gives_what_the_task_says() -> None:
    check_programs(drawn(2, 1_000), seed=2, n_ways=2)


def test_every_part_gives_what_it_says_in_every_habit() -> None:
    """Also in tasks where a step does not matter, which are never asked."""
    rng = random.Random(3)
    chosen: list[PocketTask] = []
    often: Counter[str] = Counter()
    while len(often) < len(PARTS) or min(often.values()) < 3:
        task = draft_task(rng, rng.choice((1, 2, 3)))
        if task is None:
            continue
        parts = [*task.steps, task.gathering, task.show]
        if any(often[part.part.name] < 3 for part in parts):
            chosen.append(task)
            often.update(part.part.name for part in parts)
    check_programs(chosen, seed=4, n_ways=1)


def test_references_pass_their_tests_and_doing_nothing_does_not() -> None:
    for problem in all_problems():
        scope: dict = {}
        exec(problem.reference, scope)
        exec(problem.tests.source, scope)
        asserts = ast.parse(problem.tests.source).body
        assert 8 <= len(asserts) <= 10
        answers = {ast.unparse(line.test.comparators[0]) for line in asserts}
        assert len(answers) >= 2, problem.tests.source


def test_nearly_all_small_faults_of_references_fail() -> None:
    chosen = [(all_tasks()[i], all_problems()[i]) for i in (3, 97, 171)]
    counts = [count(task, problem)[0] for task, problem in chosen]
    failed, passed = sum(c.failed for c in counts), sum(c.passed for c in counts)
    assert failed >= 40
    assert passed <= 0.05 * (failed + passed)


@pytest.mark.full
def test_the_share_of_small_faults_that_fail_is_what_the_docs_say() -> None:
    counts = [
        count(task, problem)[0] for task, problem in zip(all_tasks(), all_problems(), strict=True)
    ]
    failed, passed = sum(c.failed for c in counts), sum(c.passed for c in counts)
    share = 100 * failed / (failed + passed)
    assert f"{failed:,} of {failed + passed:,} mutants fail, {share:.1f} %" in " ".join(
        PAGE.split()
    )
    assert share >= 98


def test_the_docs_show_a_problem_and_count_the_parts() -> None:
    quoted = re.search(r"^> (.*?)\n\n", PAGE, re.MULTILINE | re.DOTALL)
    assert quoted is not None
    assert " ".join(quoted[1].replace("\n>", "").split()) in {p.instruction for p in all_problems()}
    n_views = sum(len(source.views) for source in SOURCES)
    for said in (
        f"{len(SOURCES)} kinds of arguments",
        f"{n_views} views",
        f"{len(KEEPS)} ways to keep, {len(CHANGES)} to change and {len(ARRANGEMENTS)} to arrange",
        f"{len(GATHERINGS)} ways:",
        f"one of {len(SHOWS) - 1} forms",
    ):
        assert said in " ".join(PAGE.split())


def test_tests_hold_the_edges_of_what_the_words_allow() -> None:
    """The first calls of each problem: nothing, one value, equal values, unusual ones."""
    for task, problem in zip(all_tasks(), all_problems(), strict=True):
        for given in arguments.edges(task.source, task.view):
            call = f"{task.entry_point}({', '.join(map(repr, given))})"
            assert call in problem.tests.source
    whole = "".join(problem.tests.source for problem in all_problems())
    assert all(sign in whole for sign in ("([])", "-12", "Éva", "naïve"))


def test_no_training_row_has_a_held_out_combination_or_held_out_words() -> None:
    held_out = {problem.instruction for problem in all_problems()}
    validation = {instruction(task) for task in tasks("validation")}
    assert held_out.isdisjoint(validation)
    assert held_out.isdisjoint(row["instruction"] for row in some_rows())
    combinations = {task.combination for task in all_tasks()}
    for task in drawn(5, 500):
        if task.combination in combinations or instruction(task) in held_out:
            assert task.split == "test"


def test_the_split_is_decided_by_the_parts_whatever_their_order_and_constants() -> None:
    splits: dict[str, set[str]] = {}
    for task in drawn(6, 500):
        names = (
            task.view.name,
            *sorted(step.part.name for step in task.steps),
            task.gathering.part.name,
            task.show.part.name,
        )
        digest = hashlib.sha256(".".join(names).encode()).digest()
        expected = {0: "test", 1: "validation"}.get(digest[0] % 10, "train")
        splits.setdefault(task.split, set()).add(expected)
    assert splits == {name: {name} for name in ("train", "validation", "test")}


def test_words_mean_one_combination_of_parts_and_constants() -> None:
    """Else a held-out task could be asked for in training under another name."""
    meant: dict[str, object] = {}
    for task in drawn(7, 800):
        parts = (
            task.view.name,
            tuple((step.part.name, step.constant) for step in task.steps),
            (task.gathering.part.name, task.gathering.constant),
            (task.show.part.name, task.show.constant),
        )
        assert meant.setdefault(instruction(task), parts) == parts
    assert len({part.name for part in PARTS}) == len(PARTS)
    said: dict[tuple, str] = {}
    for part in PARTS:
        for words in part.words:
            for type_ in part.takes:
                assert said.setdefault((part.kind, type_, words), part.name) == part.name


def test_programs_are_clean_plain_and_small() -> None:
    pyflakes, pylint = get_linter("pyflakes"), get_linter("pylint")
    n_long = 0
    for row in some_rows():
        program = row["response"]
        assert pyflakes.lint(program) == (), program
        n_lines = program.count("\n")
        n_long += n_lines not in LINES
        assert max(map(len, program.split("\n"))) <= 88
        assert not re.search(r"[ \t]$", program, re.MULTILINE)
    assert n_long <= len(some_rows()) / 200
    for row in some_rows()[:40]:
        assert pylint.lint(row["response"]) == (), row["response"]


def test_programs_of_a_task_differ_in_how_they_are_written() -> None:
    """In their trees without names and constants, and rarely in nothing but names."""
    different, bare = 0, 0
    for task in drawn(8, 30):
        rng = random.Random(0)
        trees = {ast.dump(ast.parse(write_program(task, rng))) for _ in range(40)}
        shapes = {re.sub(r"(id|arg|name|attr)='\w+'", "", tree) for tree in trees}
        different += len(trees)
        bare += len(shapes)
    assert different / 30 > 15
    assert bare / different > 0.9


def test_every_way_to_write_occurs_in_training_rows() -> None:
    text = "\n".join(row["response"] for row in some_rows())
    for piece in (
        "Counter(", "defaultdict(", "import re", "from functools import reduce", "pairwise(",
        "groupby(", "accumulate(", "islice(", "yield ", "lambda ", "filter(", "map(", "continue\n",
        "break\n", "while ", "setdefault(", "insort(", "return False\n", "if not ",
    ):  # fmt: skip
        assert piece in text, piece


def test_names_do_not_get_in_each_others_way() -> None:
    """A list, a result and a function of one program never share a name."""
    lists = {p.noun for p in STEPS} | {v.noun for s in SOURCES for v in s.views}
    lists |= {name for source in SOURCES for name, _ in source.parameters}
    results = {part.noun for part in GATHERINGS}
    functions = {part.verb for part in (*STEPS, *SHOWS)}
    functions |= {f"{part.verb}_values" for part in GATHERINGS}
    functions |= {f"{part.verb}_{source.noun}" for part in GATHERINGS for source in SOURCES}
    assert not lists & results
    assert not (lists | results) & functions
    taken = {*dir(builtins), *keyword.kwlist}
    assert not (lists | results | functions) & taken
    only_bodies = Counter(
        p.verb for p in STEPS if p.kind != "arrange" and all(f.is_body for f in p.forms)
    )
    assert all(sum(p.verb == verb for p in PARTS) == 1 for verb in only_bodies)


def test_signatures_have_the_types_that_come_out() -> None:
    for task in drawn(9, 200):
        assert task.result_type in ANNOTATIONS
        answer = task.answer(arguments.draw(task.source, task.view, random.Random(1), n_least=3))
        kind = ANNOTATIONS[task.result_type].partition("[")[0]
        assert type(answer).__name__ == kind, task.combination


def test_tasks_come_by_difficulty_the_easy_ones_first() -> None:
    assert [task.difficulty for task in all_tasks()] == [1] * 100 + [2] * 100
    assert {task.split for task in all_tasks()} == {"test"}
    chosen = tasks("validation", 7, difficulties=[4, 2], seed=5)
    assert [task.difficulty for task in chosen] == [2, 2, 2, 2, 4, 4, 4]
    assert {task.split for task in chosen} == {"validation"}


def test_few_rows_are_the_first_of_many() -> None:
    assert list(islice(instruction_rows(50, seed=3), 20)) == some_rows()[:20]
    assert list(instruction_rows(20, seed=4)) != some_rows()[:20]
    assert len({json_text(row) for row in some_rows()}) == len(some_rows())
    assert all(row.keys() == {"instruction", "response"} for row in some_rows())


def digest_of(rows: list[dict]) -> str:
    return hashlib.sha256("".join(json_text(row) + "\n" for row in rows).encode()).hexdigest()


def test_the_benchmark_is_the_one_that_results_were_made_with() -> None:
    """A change of these lines is a change of the benchmark: say so in CHANGELOG.md."""
    assert all_problems().source.sha256 == digest_of(task_rows()) == SHA256_OF_PROBLEMS
    assert digest_of(some_rows()[:300]) == SHA256_OF_ROWS


@pytest.mark.parametrize("hash_seed", ["0", "1", "4242"])
def test_rows_and_problems_do_not_depend_on_the_hash_seed(hash_seed: str) -> None:
    script = (
        "from lintseq_core.benchmarks.pocket import problems\n"
        "from lintseq_core.benchmarks.pocket.rows import instruction_rows\n"
        "import json\n"
        "print(problems().source.sha256)\n"
        "print(json.dumps(list(instruction_rows(20, seed=3))))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": hash_seed, "PATH": ""},
    )
    sha256, rows = done.stdout.splitlines()
    assert sha256 == all_problems().source.sha256
    assert json.loads(rows) == some_rows()[:20]


def test_problems_of_a_file_are_those_that_were_written(tmp_path: Path) -> None:
    rows = task_rows("validation", 3, difficulties=[1])
    path = tmp_path / "tasks.jsonl"
    path.write_text("".join(json_text(row) + "\n" for row in rows), encoding="utf-8")
    read = get_benchmark("pocket").problems(path)
    assert [problem.instruction for problem in read] == [row["instruction"] for row in rows]
    assert [problem.reference for problem in read] == [row["reference"] for row in rows]
    assert read[0].prompt == f"# {rows[0]['instruction']}\n"
    del rows[1]["tests"]
    path.write_text("".join(json_text(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(BenchmarkError, match=r"tasks.jsonl\), row 2: no field 'tests'; it has "):
        get_benchmark("pocket").problems(path)


def test_tasks_other_than_those_of_the_benchmark_have_other_ids() -> None:
    """Results of one file are not joined with tasks of another, whatever was asked for it."""
    asked: list[dict] = [
        {},
        {"seed": 1},
        {"n": 40},
        {"n": 400},
        {"difficulties": [1]},
        {"difficulties": DIFFICULTIES},
        {"split": "validation"},
        {"split": "train", "seed": 1},
    ]
    known: dict[str, dict] = {}
    for words in asked:
        for row in task_rows(**words):
            assert known.setdefault(row["task_id"], row) == row
    own = [f"Pocket/{index}" for index in range(200)]
    assert [row["task_id"] for row in task_rows(difficulties=[2, 1, 2])] == own
    others = {name for name in known if name not in own}
    assert len(others) > 1_000
    assert all(re.fullmatch(r"Pocket/[a-z]+-\d+-[0-9a-f]{6}", name) for name in others)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"difficulties": [6]}, "pocket: no difficulty 6: from 1 to 5 steps"),
        ({"difficulties": []}, "pocket: no difficulty given: from 1 to 5 steps"),
        ({"split": "dev"}, "pocket: no split 'dev': one of train, validation, test"),
    ],
)
def test_what_the_family_does_not_have_is_refused(asked: dict, message: str) -> None:
    with pytest.raises(BenchmarkError, match=message):
        tasks(**asked)


def test_a_task_outside_the_family_is_refused_by_its_name() -> None:
    with pytest.raises(BenchmarkError, match="pocket has no task 'Pocket/200'; its ids look like"):
        all_problems().named("Pocket/200")

"""What a message, a help text or a docstring tells a reader to type exists, options and all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from lintseq_core.experiments.paper_runs import (
    BIGCODEBENCH,
    CODECONTESTS,
    DS1000,
    HUMANEVAL,
    LARGE,
    MBPP,
    SMALL,
    data_plans,
    pretraining_plans,
    sampling_plans,
    tuning_plans,
)
from lintseq_core.experiments.plans import RunPlan
from lintseq_core.generation.sampling import SamplingSettings
from tests.command_lines import EVERY_OPTION, EXPERIMENT_OPTIONS, parsed, unknown_options

ROOT = Path(__file__).resolve().parents[3]
MODULES = sorted(
    path for folder in ("lintseq_core", "dashboard") for path in (ROOT / folder).rglob("*.py")
)
SCRIPTS = sorted(
    path
    for folder in ("notebooks", "perf", "assets/make")
    for path in (ROOT / folder).rglob("*.py")
)
MENTION = re.compile(r"(?<![\w./<-])lintseq (?=\w)([^\n`'|>&]*)")
PROSE = {
    "COMMAND", "as", "guarded", "knows", "less", "nor", "of", "or", "rows", "that", "with", "writes",
}  # fmt: skip
"""What follows where lintseq is the package or the method; and what stands for any command."""
FOREIGN = {  # options of the programs that start ours, or that ours starts
    "--config_file", "--limit_start", "--nproc-per-node", "--num_processes", "--seccomp", "--security-opt",
}  # fmt: skip


@cache
def texts(path: Path) -> tuple[str, ...]:
    """The strings in a module, {} where a value is put into one."""
    return tuple(_texts(ast.parse(path.read_text("utf-8"))))


def _texts(tree: ast.Module) -> Iterator[str]:
    parts: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(part) for part in node.values}
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            )
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
        ):
            yield node.value


def mentions(path: Path) -> Iterator[list[str]]:
    """The words behind each `lintseq` that is a command, up to the end of their clause."""
    for text in texts(path):
        for mention in MENTION.findall(text.replace("\\\n", " ")):
            clause = re.split(r"[;,:.)](?: |$)", mention)[0]
            words = clause.split()
            if words[0] not in PROSE:
                yield words


def test_every_command_that_is_named_exists_with_its_options() -> None:
    n_found = 0
    for path in (*MODULES, *SCRIPTS):
        for words in mentions(path):
            n_found += 1
            assert unknown_options(words) == set(), (path, words)
    assert n_found > 150


def test_every_option_that_a_sentence_names_is_one_of_ours() -> None:
    named = {
        option
        for path in MODULES
        for text in texts(path)
        if " " in text
        for option in re.findall(r"(?<![\w-])--(?!lsp-|st-)[a-z][a-z_-]+", text)
    }
    assert "--allow-execution" in named
    assert named - EVERY_OPTION - EXPERIMENT_OPTIONS - FOREIGN == set()


PLANS = {
    "data": data_plans([("lintseq", "pylint"), ("randseq", ""), ("whole", "")]),
    "tuning": tuning_plans(["tinycodelm-150m", *LARGE], ["lintseq", "whole"]),
    "pre-training": pretraining_plans(),
    "sampling": sampling_plans(
        [*SMALL, *LARGE],
        ["lintseq", "whole"],
        [HUMANEVAL, MBPP, CODECONTESTS, DS1000, BIGCODEBENCH],
        [SamplingSettings(temperature=1, min_p=0.05), SamplingSettings(temperature=0)],
    ),
}


@pytest.mark.parametrize("plans", PLANS.values(), ids=PLANS)
def test_every_command_of_a_plan_is_one_that_runs(plans: tuple[RunPlan, ...]) -> None:
    for plan in plans:
        for line in plan.command.split(" && "):
            parsed(re.sub(r"^.* -m lintseq_core ", "lintseq ", line))


def test_every_module_that_is_to_be_run_exists() -> None:
    found = {
        name.removesuffix("NAME").rstrip(".")
        for path in (*MODULES, *SCRIPTS)
        for text in texts(path)
        for name in re.findall(r"-m (lintseq_core[\w.]*)", text)
    }
    assert {"lintseq_core", "lintseq_core.experiments"} <= found
    assert [name for name in sorted(found) if find_spec(name) is None] == []


def test_the_settings_that_a_plan_for_many_gpus_names_are_where_it_looks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plans = [plan.command for plan in PLANS["tuning"] if "--config_file" in plan.command]
    assert plans
    for command in plans:
        code, name = re.findall(r"\$\(python -c '([^']*)'\)(\S*)", command)[0]
        exec(code, {})
        assert Path(capsys.readouterr().out.strip() + name).is_file()

"""What the README and the docs tell a reader to type exists, options and all."""

from __future__ import annotations

import re
import shlex
from itertools import product
from pathlib import Path

import pytest

from tests.command_lines import EVERY_OPTION, EXPERIMENT_OPTIONS, find, unknown_options
from tests.docs.pages import READ_ON, ROOT, commands, name, text_of

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
# Words of other programs that stand in code: pip's, git's, docker's, the dashboard's own server.
FOREIGN = {
    "--network", "--read-only", "--cap-drop", "--security-opt", "--config_file", "--num_processes",
    "--nproc-per-node", "--no-deps", "--only-binary", "--require-hashes",
}  # fmt: skip


@pytest.mark.parametrize("page", READ_ON, ids=name)
def test_every_command_line_exists_with_its_options(page: Path) -> None:
    for line in commands(page):
        if not re.search(r"^lintseq |-m lintseq_core ", line):
            continue
        words = shlex.split(line)
        program = "lintseq" if words[0] == "lintseq" else "lintseq_core"  # python -m, torchrun -m
        call = words[words.index(program) + 1 :]
        command, rest = find(call)
        assert not hasattr(command, "commands") or rest, line
        assert unknown_options(call) == set(), line


@pytest.mark.parametrize("page", READ_ON, ids=name)
def test_every_command_in_the_text_exists_with_its_options(page: Path) -> None:
    for code in re.findall(r"(?<!`)`lintseq ([^`\n]+)`(?!`)", text_of(page)):
        for words in product(*(word.split("|") for word in code.split())):
            assert unknown_options([*words]) == set(), code


@pytest.mark.parametrize("page", READ_ON, ids=name)
def test_every_make_target_exists(page: Path) -> None:
    code = re.findall(r"`(make [^`]+)`", text_of(page)) + [
        line for line in commands(page) if line.startswith("make ")
    ]
    for line in code:
        targets = [word for word in " ".join(line.split()).split(" ")[1:] if "=" not in word]
        assert targets or "=" in line, line
        assert set(targets) <= TARGETS, line


@pytest.mark.parametrize("page", READ_ON, ids=name)
def test_every_option_in_the_text_is_one_of_ours(page: Path) -> None:
    found = {
        word.partition("=")[0]
        for code in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text_of(page))
        for word in code.split()
        if word.startswith("--") and len(word) > 2
    }
    assert found - EVERY_OPTION - EXPERIMENT_OPTIONS - FOREIGN == set()


def test_the_scripts_that_are_named_exist() -> None:
    for page in READ_ON:
        for line in commands(page):
            for script in re.findall(r"python ((?:perf|notebooks|tests|assets)/\S+\.py)", line):
                assert (ROOT / script).is_file(), (name(page), line)
            for module in re.findall(r"python -m (lintseq_core(?:\.\w+)+)", line):
                path = ROOT / module.replace(".", "/")
                assert path.with_suffix(".py").is_file() or path.is_dir(), (name(page), line)

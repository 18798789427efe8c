"""What the README and the docs tell a reader to type exists, options and all."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from lintseq_core.cli import app
from tests.docs.pages import READ_ON, ROOT, commands, name, text_of

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
COMMAND_LINE: Any = get_command(app)
OPTION = re.compile(r"^--?[a-z]")
# Words of other programs that stand in code: pip's, git's, docker's, the dashboard's own server.
FOREIGN = {
    "--network", "--read-only", "--cap-drop", "--security-opt", "--config_file", "--num_processes",
    "--nproc-per-node", "--no-deps", "--only-binary", "--require-hashes",
}  # fmt: skip


def options_of(command: Any) -> set[str]:
    return {
        option for param in command.params for option in (*param.opts, *param.secondary_opts)
    } | {"--help", "-h"}


def find(words: list[str]) -> tuple[Any, list[str]]:
    """The command that `words` name and the rest of them."""
    command: Any = COMMAND_LINE
    while words and hasattr(command, "commands"):
        if words[0].startswith("-"):
            break
        command, words = command.commands[words[0]], words[1:]
    return command, words


EXPERIMENTS = {"--dry-run"} | {  # `python -m lintseq_core.experiments.NAME` has options of its own
    f"--{parameter.replace('_', '-')}"
    for path in (ROOT / "lintseq_core" / "experiments").glob("*.py")
    for parameter in re.findall(r"^ +(\w+): Annotated\[", path.read_text("utf-8"), re.MULTILINE)
}
EVERY_OPTION = (
    {"--version"}
    | EXPERIMENTS
    | {
        option
        for command in COMMAND_LINE.commands.values()
        for each in (command, *getattr(command, "commands", {}).values())
        for option in options_of(each)
    }
)


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
        named = {word.partition("=")[0] for word in rest if OPTION.match(word)}
        assert named <= options_of(command), line


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
    assert found - EVERY_OPTION - FOREIGN == set()


def test_the_scripts_that_are_named_exist() -> None:
    for page in READ_ON:
        for line in commands(page):
            for script in re.findall(r"python ((?:perf|notebooks|tests|assets)/\S+\.py)", line):
                assert (ROOT / script).is_file(), (name(page), line)
            for module in re.findall(r"python -m (lintseq_core(?:\.\w+)+)", line):
                path = ROOT / module.replace(".", "/")
                assert path.with_suffix(".py").is_file() or path.is_dir(), (name(page), line)

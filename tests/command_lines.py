"""Lines that name the `lintseq` command, checked against the command itself."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

from typer.main import get_command

from lintseq_core import experiments
from lintseq_core.cli import app

COMMAND_LINE: Any = get_command(app)
OPTION = re.compile(r"^--?[a-z]")


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


EVERY_OPTION = {"--version"} | {
    option
    for command in COMMAND_LINE.commands.values()
    for each in (command, *getattr(command, "commands", {}).values())
    for option in options_of(each)
}


# `python -m lintseq_core.experiments.NAME` has options of its own.
_EXPERIMENTS = "\n".join(
    path.read_text("utf-8") for path in Path(experiments.__path__[0]).rglob("*.py")
)
EXPERIMENT_OPTIONS = {
    "--dry-run",
    *re.findall(r'typer\.Option\("(--[a-z-]+)"', _EXPERIMENTS),
    *(
        f"--{parameter.replace('_', '-')}"
        for parameter in re.findall(r"^ +(\w+): Annotated\[", _EXPERIMENTS, re.MULTILINE)
    ),
}


def unknown_options(words: list[str]) -> set[str]:
    """The options among `words`, what stands behind `lintseq`, that the command does not have.

    Of a word that is no command, this word.
    """
    try:
        command, rest = find(words)
    except KeyError as unknown:
        return {str(unknown.args[0])}
    named = {word.partition("=")[0] for word in rest if OPTION.match(word)}
    return named - options_of(command)


def parsed(line: str) -> tuple[str, dict[str, Any]]:
    """The command that a whole line runs, and each of its parameters; the command's own error."""
    program, *words = shlex.split(line)
    assert program == "lintseq", line
    command, rest = find(words)
    assert not hasattr(command, "commands"), line
    name = " ".join(words[: len(words) - len(rest)])
    return name, command.make_context(name, rest).params

"""Command lines for a reader to take along, made from the `lintseq` command itself.

A command or option that is renamed is shown by its new name, or fails where the line is made.
"""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from typer.main import get_command

from lintseq_core.cli import app


def command_line(function: Callable[..., None], /, **values: object) -> str:
    """The line that runs `function` of lintseq_core.cli with `values` for its parameters.

    None, and False for a switch that is off anyway, are left out; all else is written, a list as an
    option that is repeated or as several arguments. TypeError for a parameter that the command does
    not have, and for one that it asks for and `values` lacks.
    """
    words, command = _commands()[inspect.unwrap(function)]
    line = " ".join(["lintseq", *words])
    parameters = {one.name: one for one in command.params}
    if unknown := values.keys() - parameters.keys():
        raise TypeError(f"{line}: no parameter {', '.join(sorted(unknown))}")
    arguments: list[str] = []
    options: list[str] = []
    for name, parameter in parameters.items():
        if parameter.required and values.get(name) is None:
            raise TypeError(f"{line}: needs {name}")
    for name, chosen in values.items():
        parameter = parameters[name]
        if chosen is None:
            continue
        if parameter.param_type_name == "argument":
            several = chosen if isinstance(chosen, list) else [chosen]
            arguments += [_text(one) for one in several]
        else:
            options += _option(parameter, chosen)
    if any(one.startswith("-") and one != "-" for one in arguments):
        return shlex.join(["lintseq", *words, *options, "--", *arguments])
    return shlex.join(["lintseq", *words, *arguments, *options])


@cache
def _commands() -> dict[Callable[..., None], tuple[tuple[str, ...], Any]]:
    """The words and the command of each function that is one."""
    return {
        inspect.unwrap(command.callback): (words, command)
        for words, command in _leaves(get_command(app), ())
    }


def _leaves(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield words, command
        return
    for word, one in below.items():
        yield from _leaves(one, (*words, word))


def _option(parameter: Any, chosen: object) -> list[str]:
    if isinstance(chosen, bool):
        if chosen == bool(parameter.default):
            return []
        return [_name(parameter.opts if chosen else parameter.secondary_opts)]
    name, long = _name(parameter.opts), max(parameter.opts, key=len)
    if isinstance(chosen, tuple):
        return [name, *(_text(one) for one in chosen)]
    texts = [_text(one) for one in (chosen if isinstance(chosen, list) else [chosen])]
    return [
        word
        for text in texts
        for word in ([name, text] if not text.startswith("-") else [f"{long}={text}"])
    ]


def _name(spelled: list[str]) -> str:
    """The short name of an option that has one."""
    return min(spelled, key=len)


def _text(chosen: object) -> str:
    """As short as it is exact: 1.0 is 1."""
    return str(chosen).removesuffix(".0") if isinstance(chosen, float) else str(chosen)

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, ClassVar

import typer
from typer.testing import CliRunner

import lintseq_core.cli
from lintseq_core.cli.options import JsonOption, OptionGroup, given, grouped

Tags = list[str] | None


@dataclass(frozen=True, slots=True)
class Drawing(OptionGroup):
    panel: ClassVar = "Drawing"

    seed: Annotated[int, typer.Option(min=0, help="Same seed, same draw.")] = 7
    tag: Annotated[Tags, typer.Option(help="May be repeated.")] = None
    as_json: JsonOption = False


@dataclass(frozen=True, slots=True)
class Limits(OptionGroup):
    most: Annotated[int | None, typer.Option("--limit", "-l")]


def made(*arguments: str) -> tuple[str, int]:
    """What a command with two groups prints for `arguments`, and its exit code."""
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    @grouped
    def draw(
        name: str,
        *,
        drawing: Drawing,
        limits: Limits,
        loud: Annotated[bool, typer.Option("--loud")] = False,
    ) -> None:
        """Draw something."""
        print(name, drawing, limits, loud)

    @app.command()
    def other(as_json: JsonOption = False) -> None:
        """Share an option with a group."""

    ran = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "100"}, color=False)
    return ran.output, ran.exit_code


def test_a_group_is_filled_from_the_options_of_its_fields() -> None:
    said, code = made("draw", "x", "--seed", "3", "--tag", "a", "--tag", "b", "-l", "5", "--loud")
    assert said == "x Drawing(seed=3, tag=['a', 'b'], as_json=False) Limits(most=5) True\n"
    assert code == 0


def test_defaults_of_fields_are_defaults_of_options_and_a_field_without_one_is_required() -> None:
    assert made("draw", "x", "-l", "5")[0].startswith("x Drawing(seed=7, tag=None, as_json=False)")
    said, code = made("draw", "x")
    assert "Missing option '--limit' / '-l'" in said and code == 2


def test_the_checks_of_an_option_hold_in_a_group() -> None:
    said, code = made("draw", "x", "-l", "5", "--seed", "-1")
    assert "Invalid value for '--seed'" in said and code == 2


def test_help_shows_options_in_the_order_of_the_signature_under_the_headings_of_their_groups() -> (
    None
):
    said, code = made("draw", "--help")
    assert code == 0 and "Draw something." in said
    assert re.findall(r"─ ([A-Z]\w+) ─|(--[a-z]+)", said) == [
        ("Arguments", ""),
        ("Options", ""),
        ("", "--limit"),
        ("", "--loud"),
        ("", "--help"),
        ("Drawing", ""),
        ("", "--seed"),
        ("", "--tag"),
        ("", "--json"),
    ]


def test_a_shared_option_keeps_no_heading_of_another_command() -> None:
    said, _ = made("other", "--help")
    assert "--json" in said and "Drawing" not in said


def test_what_nobody_named_leaves_the_default_that_holds_elsewhere() -> None:
    assert given(length=None, rate=0.0, name="") == {"rate": 0.0, "name": ""}


def test_no_option_is_written_twice() -> None:
    written: Counter[str] = Counter()
    for path in Path(lintseq_core.cli.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Annotated":
                written[ast.unparse(node.slice)] += 1
    assert len(written) > 100
    assert [option for option, count in written.items() if count > 1] == []


def test_options_of_every_group_reach_the_command_that_takes_it() -> None:
    groups = [group for group in OptionGroup.__subclasses__() if "lintseq_core" in group.__module__]
    assert len(groups) > 10
    for group in groups:
        command = getattr(sys.modules[group.__module__], group.__module__.rpartition(".")[2])
        taken = inspect.signature(command).parameters
        assert {field.name for field in fields(group)} <= taken.keys(), group

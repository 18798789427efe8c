"""`lintseq explain`: what goes with a line, and why."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from lintseq_core.cli.options import DefinitionOption, FileArgument, LinterOption
from lintseq_core.cli.shell import read_program, write_utf8
from lintseq_core.edits import closure
from lintseq_core.edits.reasons import reason_to_dict
from lintseq_core.json_text import json_text
from lintseq_core.linting import get_linter


def explain(
    file: FileArgument,
    line: Annotated[int, typer.Option("--line", "-l", min=1, help="Line number, from 1.")],
    linter: LinterOption = "pyflakes",
    definition: DefinitionOption = None,
    format: Annotated[Literal["terminal", "json"], typer.Option("--format", "-f")] = "terminal",
) -> None:
    """Print the closure of a line: which lines cannot stay without it, each with its reason.

    \b
    lintseq explain program.py --line 12
    lintseq explain program.py --def parse --line 3 --format json
    """
    program = read_program(file, definition)
    chosen = get_linter(linter)
    if line > len(program.lines):
        raise typer.BadParameter(f"--line {line}: the program has {len(program.lines)} lines")
    closed = closure(program, line - 1, linter=chosen)
    if format == "json":
        write_utf8()
        reasons = [
            {"line_index": index, "text": program.lines[index], **reason_to_dict(reason)}
            for index, reason in closed.reasons.items()
        ]
        record = {
            "schema_version": 1,
            "program_id": program.id,
            "line_index": closed.line_index,
            "linter": {"name": chosen.name, "version": chosen.version},
            "rounds": closed.rounds,
            "closure": reasons,
        }
        print(json_text(record, ensure_ascii=False))
        return
    from lintseq_core.cli.terminal import make_console, print_closure

    print_closure(make_console(), program, closed, f"{chosen.name} {chosen.version}")

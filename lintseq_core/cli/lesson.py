"""`lintseq lesson`: check a lesson file, or write it as one HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lintseq_core.cli.shell import note


def lesson(
    file: Annotated[
        str,
        typer.Argument(metavar="LESSON", help="A YAML file, or the name of a lesson that ships."),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The HTML file to write; without it, only check."),
    ] = None,
    explorer: Annotated[
        str, typer.Option(help="Address of an explorer for the lesson's links to lead to.")
    ] = "",
    notes: Annotated[bool, typer.Option(help="Put in the notes for the instructor.")] = True,
) -> None:
    """Check a lesson file, or write it as a page that needs neither server nor network.

    \b
    lintseq lesson the_closure -o the_closure.html
    lintseq lesson my_lesson.yaml
    lintseq lesson my_lesson.yaml -o my_lesson.html --no-notes --explorer http://localhost:8501
    """
    from lintseq_core import __version__
    from lintseq_core.errors import LintSeqError
    from lintseq_core.lessons import read_lesson
    from lintseq_core.lessons.page import build_lesson_page
    from lintseq_core.lessons.payload import build_lesson_payload
    from lintseq_core.lessons.shipped import assets_folder, lesson_path

    if explorer and not explorer.startswith(("http://", "https://")):
        raise LintSeqError(
            f"--explorer {explorer}: an address begins with http:// or https://, as in "
            "http://localhost:8501"
        )
    read = read_lesson(lesson_path(file))
    payload = build_lesson_payload(read, assets_folder(), with_notes=notes)
    if out is None:
        asked = sum(step.question is not None for step in read.steps)
        told = [
            _count(len(read.steps), "step"),
            _count(asked, "question"),
            _count(read.minutes, "minute"),
        ]
        print(f"{read.name}: {', '.join(told)}")
        return
    footer = f"Made by lintseq-core {__version__} from {read.name} ({payload['id']})."
    page = build_lesson_page(payload, explorer=explorer, footer=footer)
    out.write_text(page, encoding="utf-8")
    note(f"{out}: {_count(len(read.steps), 'step')}, {out.stat().st_size / 1e6:.1f} MB")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

"""`lintseq apply`: the program that edits make."""

from __future__ import annotations

from typing import Annotated

import typer

from lintseq_core.cli.options import EditFormatOption
from lintseq_core.cli.shell import note, read_text, shown_name, write_utf8
from lintseq_core.edits.formats import (
    DIFF_MARKER,
    EditParseError,
    apply_edits,
    diffed_files,
    format_remedy,
    parse_edits,
)
from lintseq_core.errors import LintSeqError


def apply(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Model text or diffs, or -.")],
    lenient: Annotated[
        bool, typer.Option("--lenient", help="Use what can be used; faults become notes.")
    ] = False,
    base: Annotated[
        str | None, typer.Option(metavar="FILE", help="The text the first edit applies to.")
    ] = None,
    eos: Annotated[str, typer.Option(help="End marker to take off the end.")] = "",
    edit_format: EditFormatOption = "unified",
) -> None:
    """Print the program that model text, or unified diffs that only insert, write.

    Lines before the first one that starts with <|diff|> are taken for the instruction. Diffs are
    those of one file, as git diff -U0 and diff -U0 -p write them too. Every fault is named with
    its line; without --lenient one is enough to stop.

    \b
    lintseq sample program.py --format model | lintseq apply -
    lintseq apply generation.txt --lenient --eos '<|endoftext|>'
    """
    text = read_text(file).removesuffix("\n")
    before = read_text(base) if base is not None else ""
    name = shown_name(file)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise LintSeqError(f"{name}, line {line}: NUL character; is it a text file?")
    files = diffed_files(text)
    if len(files) > 1 and not any(line.startswith(DIFF_MARKER) for line in text.split("\n")):
        raise LintSeqError(
            f"{name}: diffs of {len(files)} files ({', '.join(files[:4])}); keep those of one file"
        )
    edits_text, skipped = _without_instruction(text)
    if skipped:
        note(f"{skipped} line(s) before the first {DIFF_MARKER} left out (the instruction)")
    try:
        parsed = parse_edits(
            "\n" * skipped + edits_text,
            strict=not lenient,
            eos=eos,
            base=before,
            edit_format=edit_format,
        )
    except EditParseError as error:
        for fault in error.faults:
            note(f"{name}: {fault}")
        first = error.faults[0]
        lacks_base = base is None and first.edit_index == 0 and first.kind in _BEYOND
        remedy = "--base names the text that they apply to; " if lacks_base else ""
        raise LintSeqError(
            f"{name}: {len(error.faults)} fault(s); {remedy}--lenient uses what can be used"
            f"{format_remedy(text, edit_format)}"
        ) from None
    for fault in parsed.faults:
        note(f"{name}: {fault} ({fault.remedy})")
    if not parsed.edits:
        raise LintSeqError(
            f"{name}: no edit; expected lines that start with {DIFF_MARKER} or @@"
            f"{format_remedy(text, edit_format)}"
        )
    write_utf8()
    print(apply_edits(parsed.edits, base=before), end="")


_BEYOND = ("position out of range", "text not in the program")


def _without_instruction(text: str) -> tuple[str, int]:
    lines = text.split("\n")
    marked = [index for index, line in enumerate(lines) if line.startswith(DIFF_MARKER)]
    first_text = next((line for line in lines if line), "")
    if not marked or first_text.startswith("@@"):
        return text, 0
    skipped = marked[0] if any(lines[: marked[0]]) else 0
    return "\n".join(lines[skipped:]), skipped

"""`lintseq export`: one HTML file that plays edit sequences without a server or a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lintseq_core.cli.source import note, read_bytes, shown_name
from lintseq_core.edits import EditSequence

MAX_CLOSURES = 20_000  # lines of all states of a sequence: half a millisecond each


def export(
    file: Annotated[
        str,
        typer.Argument(
            metavar="SAMPLE", help="What `lintseq sample --format json` wrote, or - for stdin."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file to write.")],
    title: Annotated[str, typer.Option(help="Heading of the page; the file's name if empty.")] = "",
    what_if: Annotated[
        bool,
        typer.Option(help="Put in what would go with each line, for sequences by pyflakes."),
    ] = True,
    limit: Annotated[int, typer.Option(min=1, help="Most sequences to put in.")] = 200,
) -> None:
    """Write a page that plays edit sequences, from the file alone.

    \b
    lintseq sample program.py -s 5 --format json > rows.jsonl
    lintseq export rows.jsonl -o program.html
    lintseq sample program.py --format json | lintseq export - -o program.html --title "My program"
    """
    from lintseq_core import __version__
    from lintseq_core.errors import RecordError
    from lintseq_core.viewer import build_payload
    from lintseq_core.viewer.html import build_page
    from lintseq_core.viewer.rows import read_sequences

    sequences, faults = read_sequences(read_bytes(file), shown_name(file), max_rows=limit)
    if not sequences:
        raise RecordError(
            faults[0] if faults else f"{shown_name(file)}: no row; write it with --format json"
        )
    for fault in faults[:20]:
        note(fault)
    name = title or ("Edit sequences" if file == "-" else Path(file).stem)
    payloads = [
        build_payload(sequence, title=name, whatif=_closures(sequence) if what_if else None)
        for sequence in sequences
    ]
    hashes = sorted({sequence.program.id[:16] for sequence in sequences})
    more = f" and {len(hashes) - 4} more" if len(hashes) > 4 else ""
    footer = f"Made by lintseq-core {__version__} from {', '.join(hashes[:4])}{more} (sha256)."
    out.write_text(build_page(payloads, title=name, footer=footer), encoding="utf-8")
    note(f"{out}: {len(payloads)} sequence(s), {out.stat().st_size / 1e6:.1f} MB")


def _closures(sequence: EditSequence) -> dict[str, Any] | None:
    from lintseq_core.linting import get_linter
    from lintseq_core.viewer.whatif import closures_of_states

    if (sequence.method, sequence.linter_name, sequence.compat) != ("lintseq", "pyflakes", None):
        return None
    return closures_of_states(sequence, get_linter("pyflakes"), max_lines=MAX_CLOSURES)

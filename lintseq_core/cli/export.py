"""`lintseq export`: one HTML file that plays edit sequences or samples of a model, by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lintseq_core.cli.shell import note, read_bytes, shown_name
from lintseq_core.edits import EditSequence

MAX_CLOSURES = 20_000  # lines of all states of a sequence: half a millisecond each


def export(
    file: Annotated[
        str,
        typer.Argument(
            metavar="SAMPLE_OR_TRACE",
            help="What `lintseq sample --format json` or `lintseq generate -o` wrote; - for stdin.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file to write.")],
    title: Annotated[str, typer.Option(help="Heading of the page; the file's name if empty.")] = "",
    what_if: Annotated[
        bool,
        typer.Option(help="Put in what would go with each line, for sequences by pyflakes."),
    ] = True,
    limit: Annotated[int, typer.Option(min=1, help="Most sequences to put in.")] = 200,
    predict: Annotated[
        bool, typer.Option("--predict", help="The exercise: predict the next edit of each.")
    ] = False,
) -> None:
    """Write a page that plays edit sequences, or what a model wrote, from the file alone.

    \b
    lintseq sample program.py -s 5 --format json > rows.jsonl
    lintseq export rows.jsonl -o program.html
    lintseq export rows.jsonl -o exercise.html --predict
    lintseq export trace.jsonl -o samples.html
    lintseq sample program.py --format json | lintseq export - -o program.html --title "My program"
    """
    from lintseq_core import __version__
    from lintseq_core.errors import RecordError
    from lintseq_core.viewer import build_payload, build_predict_payload
    from lintseq_core.viewer.html import build_page, build_predict_page
    from lintseq_core.viewer.rows import read_sequences
    from lintseq_core.viewer.traces import looks_like_trace

    data = read_bytes(file)
    if looks_like_trace(data):
        if predict:
            raise RecordError(
                f"{shown_name(file)}: a trace has no next edit to predict; give sequences"
            )
        _export_trace(data, shown_name(file), out, title, limit)
        return
    sequences, faults = read_sequences(data, shown_name(file), max_rows=limit)
    if not sequences:
        raise RecordError(
            faults[0] if faults else f"{shown_name(file)}: no row; write it with --format json"
        )
    for fault in faults[:20]:
        note(fault)
    name = title or ("Edit sequences" if file == "-" else Path(file).stem)
    if predict:
        build = build_predict_page
        payloads = [
            build_predict_payload(sequence, title=f"{number}. {name}" if sequences[1:] else name)
            for number, sequence in enumerate(sequences, start=1)
        ]
    else:
        build = build_page
        payloads = [
            build_payload(sequence, title=name, whatif=_closures(sequence) if what_if else None)
            for sequence in sequences
        ]
    hashes = sorted({sequence.program.id[:16] for sequence in sequences})
    more = f" and {len(hashes) - 4} more" if len(hashes) > 4 else ""
    footer = f"Made by lintseq-core {__version__} from {', '.join(hashes[:4])}{more} (sha256)."
    out.write_text(build(payloads, title=name, footer=footer), encoding="utf-8")
    note(f"{out}: {len(payloads)} sequence(s), {out.stat().st_size / 1e6:.1f} MB")


def _export_trace(data: bytes, name: str, out: Path, title: str, limit: int) -> None:
    from lintseq_core import __version__
    from lintseq_core.errors import RecordError
    from lintseq_core.viewer.generated import build_generation_payload
    from lintseq_core.viewer.html import build_page
    from lintseq_core.viewer.traces import read_traces, short

    traces, faults = read_traces(data, name)
    payloads = [
        build_generation_payload(
            read.trace.header, sample, title=title or short(f"{read.task} ({read.model})", 160)
        )
        for read in traces
        for sample in read.trace.samples
    ][:limit]
    if not payloads:
        raise RecordError(faults[0] if faults else f"{name}: no sample; generate the trace anew")
    for fault in faults[:20]:
        note(fault)
    hashes = ", ".join(read.sha256[:16] for read in traces[:4])
    footer = f"Made by lintseq-core {__version__} from {short(name, 80)}, {hashes} (sha256)."
    page = build_page(payloads, title=title or short(traces[0].task, 80), footer=footer)
    out.write_text(page, encoding="utf-8")
    note(f"{out}: {len(payloads)} sample(s), {out.stat().st_size / 1e6:.1f} MB")


def _closures(sequence: EditSequence) -> dict[str, Any] | None:
    from lintseq_core.linting import get_linter
    from lintseq_core.viewer.whatif import closures_of_states

    if (sequence.method, sequence.linter_name, sequence.compat) != ("lintseq", "pyflakes", None):
        return None
    return closures_of_states(sequence, get_linter("pyflakes"), max_lines=MAX_CLOSURES)

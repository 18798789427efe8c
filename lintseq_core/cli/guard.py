"""`lintseq guard`: what lint-guarded sampling brings for its tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lintseq_core.cli.generate import SAMPLES
from lintseq_core.cli.options import JsonOption
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text

if TYPE_CHECKING:
    from lintseq_core.generation.comparison import GuardComparison

_ROWS = {
    "n_tokens": "tokens",
    "n_rejected_tokens": "of them rejected",
    "n_samples": "samples",
    "n_sound": "sound samples",
    "n_distinct_sound": "different sound programs",
    "n_prompts_sound": "prompts with a sound one",
    "n_passed": "samples that pass",
    "n_prompts_passed": "prompts with one that passes",
}


def guard(
    traces: Annotated[
        list[Path],
        typer.Argument(metavar="TRACE...", help="Traces, or folders of them, with and without."),
    ],
    as_json: JsonOption = False,
) -> None:
    """Compare lint-guarded with plain sampling at equal tokens, prompt by prompt.

    Each prompt needs two traces that differ in --guard alone. Sound: closed
    without a fault, not empty, free of findings.

    \b
    lintseq generate TEXT --model M --stepwise -n 20 -o plain.jsonl
    lintseq generate TEXT --model M --stepwise -n 20 -o guarded.jsonl --guard lint
    lintseq guard plain.jsonl guarded.jsonl
    """
    from lintseq_core.generation.comparison import compare_guard
    from lintseq_core.generation.trace_reading import read_trace

    found = compare_guard([read_trace(path) for path in _files(traces)])
    print(json_text(asdict(found)) if as_json else "\n".join(_lines(found)))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        files = sorted(file for file in path.glob("*.jsonl") if file.name != SAMPLES)
        if not files:
            raise LintSeqError(f"{path}: no trace in this folder; give what generate -o wrote")
        yield from files


def _lines(found: GuardComparison) -> Iterator[str]:
    yield (
        f"{found.n_prompts} prompt(s), at most {found.budget:,} tokens a side, "
        f"an edit drawn again up to {found.n_retries} times"
    )
    yield f"{'':<30}{'plain':>12}{'guarded':>12}"
    plain, guarded = asdict(found.plain), asdict(found.guarded)
    for name, title in _ROWS.items():
        if plain[name] is not None and guarded[name] is not None:
            yield f"{title:<30}{plain[name]:>12,}{guarded[name]:>12,}"

"""What the player in the browser receives: one JSON object from which it draws every step.

Its size is O(lines), whatever the number of edits, because an edit sequence only inserts: step
`s` shows the lines with `births[i] < s`, and those with `births[i] == s - 1` are new. Version 4
(version 3 has no "edit_format", which means the paper's; players read both):

    {
      "format": "lintseq-player", "version": 4,
      "id":      "9f2c...",            equal for equal payloads: a player keeps its step
      "title":   "Prime search",
      "n_edits": 9,                    steps are 0 (the empty program) ... n_edits
      "lines":   ["import math", ...], lines of the final program, without line ends
      "births":  [0, 4, ...],          per line the 0-based edit that inserts it
      "token_classes": ["plain", "keyword", ...],
      "tokens":  [[6, 1, 5, 0], ...],  per line runs of length (UTF-16 units) and class id
      "phrases": ["drawn", ...],       the reasons of lines, in words
      "writing_phrases": [...],        the same in the direction of writing; may be missing
      "reasons": [0, 2, ...],          per line an index into "phrases"
      "edits":   [["Line 3 ...", ...], ...],  per edit its reasons as sentences, in the order of
                                              the rounds in which the closure found them
      "edit_rounds": [[0, 1, ...], ...],      the round of each sentence
      "writing": [["Line 3 ...", ...], ...],  per edit why its lines come together, where the
                                              sequence is told as it is written; may be missing
      "xray": {"kinds", "rounds", "causes", "cause_sets"},  per line, see xray.py
      "checks":  {"judge": "pyflakes 4.1.0", "broken": {"3": "sentence", ...}} or null: what is
                 wrong with a state, by step
      "whatif":  {"5": ..., ...} or null: closures of the lines of a state, see whatif.py
      "tests":   null or the tests of every state: {"names": ["assert ...", ...], "made": "...",
                 "outcomes": [null or ["passed", ...], ...] by step, "first_passing": 4, or null
                 where no state passes all or an earlier one was not run}
      "generation": null or what a model wrote, edit by edit, see generated.py
      "meta": {"method", "linter", "linter_version", "indent_bias", "compat", "seed",
               "path_index", "program_id", "python_version"}; method "generated" has "model",
               "mode", "edit_format" (null for whole programs), "temperature", "sample_index",
               "n_samples" instead of "indent_bias" ...
    }

Line numbers in phrases and sentences are 1-based and those of the final program; the gutter of
the player shows the same numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lintseq_core.edits.sequence import EditSequence
from lintseq_core.edits.words import describe_line, describe_writing
from lintseq_core.json_text import json_text
from lintseq_core.viewer.highlight import TOKEN_CLASSES, token_runs
from lintseq_core.viewer.xray import tell_rounds, xray_sequence

FORMAT = "lintseq-player"
VERSION = 4


def build_payload(
    sequence: EditSequence,
    *,
    title: str,
    checks: dict[str, Any] | None = None,
    whatif: dict[str, Any] | None = None,
    tests: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The payload of `sequence`: JSON-safe, O(lines), described at the top of this module."""
    phrases: dict[tuple[str, str], int] = {}
    reasons = [
        phrases.setdefault(
            (describe_line(sequence, line), describe_line(sequence, line, writing=True)),
            len(phrases),
        )
        for line in range(len(sequence.program.lines))
    ]
    xray = xray_sequence(sequence)
    told = [tell_rounds(sequence, edit, xray) for edit in range(sequence.n_edits)]
    return assemble(
        {
            "title": title,
            "n_edits": sequence.n_edits,
            "lines": list(sequence.program.lines),
            "births": list(sequence.birth_steps),
            "phrases": [apart for apart, _ in phrases],
            "writing_phrases": [writing for _, writing in phrases],
            "reasons": reasons,
            "edits": [[sentence for _, sentence in edit] for edit in told],
            "edit_rounds": [[number for number, _ in edit] for edit in told],
            "writing": [list(describe_writing(sequence, n)) for n in range(sequence.n_edits)],
            "xray": asdict(xray),
            "checks": checks,
            "whatif": whatif,
            "tests": tests,
            "generation": None,
            "meta": {
                "method": sequence.method,
                "linter": sequence.linter_name,
                "linter_version": sequence.linter_version,
                "indent_bias": sequence.indent_bias,
                "compat": sequence.compat,
                "seed": sequence.seed,
                "path_index": sequence.path_index,
                "program_id": sequence.program.id,
                "python_version": sequence.python_version,
            },
        }
    )


def assemble(said: dict[str, Any]) -> dict[str, Any]:
    """`said` with format, version, syntax colours, and an id of the whole."""
    return identified(
        {
            "format": FORMAT,
            "version": VERSION,
            "token_classes": list(TOKEN_CLASSES),
            "tokens": token_runs(tuple(said["lines"])),
            **said,
        }
    )


def identified(payload: dict[str, Any]) -> dict[str, Any]:
    """`payload` with an "id": equal payloads have equal ones."""
    text = json_text(payload, sort_keys=True, separators=(",", ":"))
    return {**payload, "id": hashlib.sha256(text.encode()).hexdigest()[:16]}


def tests_of_states(
    names: Sequence[str], outcomes: Sequence[Sequence[str] | None], made: str
) -> dict[str, Any]:
    """The payload's "tests": `outcomes` by step, from the empty program on; None: not run.

    Which state is the first to pass all tests is known only if every earlier one was run.
    """
    passing = next(
        (step for step, told in enumerate(outcomes) if told and set(told) == {"passed"}), None
    )
    if None in outcomes[:passing]:
        passing = None
    return {
        "names": list(names),
        "made": made,
        "outcomes": [None if told is None else list(told) for told in outcomes],
        "first_passing": passing,
    }

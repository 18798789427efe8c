"""What the player in the browser receives: one JSON object from which it draws every step.

Its size is O(lines), whatever the number of edits, because an edit sequence only inserts: step
`s` shows the lines with `births[i] < s`, and those with `births[i] == s - 1` are new. Version 1:

    {
      "format": "lintseq-player", "version": 1,
      "id":      "9f2c...",            equal for equal payloads: a player keeps its step
      "title":   "Prime search",
      "n_edits": 9,                    steps are 0 (the empty program) ... n_edits
      "lines":   ["import math", ...], lines of the final program, without line ends
      "births":  [0, 4, ...],          per line the 0-based edit that inserts it
      "token_classes": ["plain", "keyword", ...],
      "tokens":  [[6, 1, 5, 0], ...],  per line runs of length (UTF-16 units) and class id
      "phrases": ["drawn", ...],       every different reason of a line, in words
      "reasons": [0, 2, ...],          per line an index into "phrases"
      "edits":   [["Line 3 ...", ...], ...],  per edit its reasons as sentences
      "meta": {"method", "linter", "linter_version", "indent_bias", "compat", "seed",
               "path_index", "program_id", "python_version"}
    }

Line numbers in phrases and sentences are 1-based and those of the final program; the gutter of
the player shows the same numbers.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from lintseq_core.edits.sequence import EditSequence
from lintseq_core.edits.words import describe_edit, describe_line
from lintseq_core.viewer.highlight import TOKEN_CLASSES, token_runs

FORMAT = "lintseq-player"
VERSION = 1


def build_payload(sequence: EditSequence, *, title: str) -> dict[str, Any]:
    """The payload of `sequence`: JSON-safe, O(lines), described at the top of this module."""
    phrases: dict[str, int] = {}
    reasons = [
        phrases.setdefault(describe_line(sequence, line_index), len(phrases))
        for line_index in range(len(sequence.program.lines))
    ]
    payload: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "title": title,
        "n_edits": sequence.n_edits,
        "lines": list(sequence.program.lines),
        "births": list(sequence.birth_steps),
        "token_classes": list(TOKEN_CLASSES),
        "tokens": token_runs(sequence.program.lines),
        "phrases": list(phrases),
        "reasons": reasons,
        "edits": [
            list(describe_edit(sequence, edit_index)) for edit_index in range(sequence.n_edits)
        ],
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
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"))
    payload["id"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return payload

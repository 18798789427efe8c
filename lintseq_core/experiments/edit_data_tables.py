"""The tables of `edit_data`: lengths, costs and repeats, counted from sequences already drawn.

Nothing is sampled and nothing is judged here.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import mean

from lintseq_core.data.counts import count_tokens
from lintseq_core.edits import EditSequence
from lintseq_core.programs import Program
from lintseq_core.results.frames import Frame, frame_of

Drawn = Mapping[str, Sequence[EditSequence]]
"""The sequences of each program, by its name."""


def expected_randseq_edits(n_lines: int) -> float:
    """1 + H(n - 1): chunks of 1 to n - 1 lines, the last line alone; 1 for a single line.

    >>> [round(expected_randseq_edits(n), 1) for n in (1, 5, 10, 14, 20)]
    [1.0, 3.1, 3.8, 4.2, 4.5]
    """
    return 1 + math.fsum(1 / k for k in range(1, n_lines))


def token_inflation(sequences: Sequence[EditSequence]) -> float:
    """How many times the tokens of a program its texts have, on average over its sequences."""
    plain = count_tokens(sequences[0].program.text)
    return mean(count_tokens(one.to_model_text()) for one in sequences) / plain


def lengths(ours: Drawn, theirs: Drawn) -> Frame:
    """Which share of the sequences of each method has how many edits."""
    rows = []
    for method, several in (("LintSeq", ours), ("RandSeq", theirs)):
        counts = Counter(one.n_edits for sequences in several.values() for one in sequences)
        total = counts.total()
        rows += [
            {"method": method, "edits": edits, "share": n / total}
            for edits, n in sorted(counts.items())
        ]
    return frame_of(rows, ("method", "edits", "share"))


def program_rows(programs: Mapping[str, Program], ours: Drawn, theirs: Drawn) -> Frame:
    """A row a program: its lines, the edits that either method takes, what its texts cost."""
    rows = [
        {
            "program": name,
            "lines": len(one.lines),
            "lintseq_edits": mean(found.n_edits for found in ours[name]),
            "randseq_edits": mean(found.n_edits for found in theirs[name]),
            "expected_of_randseq": expected_randseq_edits(len(one.lines)),
            "token_inflation": token_inflation(ours[name]),
        }
        for name, one in programs.items()
    ]
    return frame_of(rows, tuple(rows[0]))


def anatomy(sequences: Sequence[EditSequence]) -> Frame:
    """Where the tokens of model texts go."""
    parts: Counter[str] = Counter()
    n_edits = n_hunks = 0
    for one in sequences:
        text = one.to_model_text()
        headers = [line for line in text.split("\n") if _is_header(line)]
        parts["<|diff|> before and after edits"] += 5 * text.count("<|diff|>")
        parts["@@ headers of hunks"] += sum(map(count_tokens, map(_header_part, headers)))
        parts["+ before lines"] += len(one.birth_steps)
        parts["the program"] += count_tokens(one.program.text)
        n_edits += one.n_edits
        n_hunks += sum(len(edit) for edit in one.hunks())
    total = parts.total()
    rows: list[dict[str, object]] = [
        {"part": part, "tokens_a_sequence": n / len(sequences), "share": n / total}
        for part, n in parts.items()
    ]
    rows.append({"part": "hunks an edit", "tokens_a_sequence": n_hunks / n_edits, "share": None})
    return frame_of(rows, ("part", "tokens_a_sequence", "share"))


def by_s(ours: Drawn, every: Sequence[int]) -> Frame:
    """What the first s sequences of each program hold: how many differ, how many tokens."""
    rows = []
    for s in every:
        distinct = [len({one.birth_steps for one in found[:s]}) / s for found in ours.values()]
        tokens = sum(
            count_tokens(one.to_model_text()) for found in ours.values() for one in found[:s]
        )
        rows.append({
            "s": s, "rows": s * len(ours), "share_of_different_sequences": mean(distinct),
            "programs_with_repeats": sum(share < 1 for share in distinct), "tokens": tokens,
        })  # fmt: skip
    return frame_of(rows, tuple(rows[0]))


def _is_header(line: str) -> bool:
    return line.startswith("@@ -") or line.startswith("<|diff|>@@ -")


def _header_part(line: str) -> str:
    return line.removeprefix("<|diff|>")

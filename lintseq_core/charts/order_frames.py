"""The numbers of the charts of many sequences as tables."""

from __future__ import annotations

from collections import Counter

from lintseq_core.charts.orders import Orders, Precedence
from lintseq_core.charts.precedence import name_group
from lintseq_core.results.frames import Frame, frame_of


def birth_frame(orders: Orders) -> Frame:
    """sequence, line, text, edit, n_edits: a row a line of each sequence; all counted from 1."""
    n_samples, n_lines = orders.births.shape
    edits = (orders.births + 1).ravel().tolist()
    return Frame(
        {
            "sequence": [path + 1 for path in range(n_samples) for _ in range(n_lines)],
            "line": [line + 1 for _ in range(n_samples) for line in range(n_lines)],
            "text": list(orders.lines) * n_samples,
            "edit": edits,
            "n_edits": [n for n in orders.n_edits.tolist() for _ in range(n_lines)],
        }
    )


def precedence_frame(precedence: Precedence) -> Frame:
    """lines, layer, after: a row a group of lines, with the groups that never come after it."""
    names = [name_group(group) for group in precedence.groups]
    before: dict[int, list[str]] = {}
    for earlier, later in precedence.arrows:
        before.setdefault(later, []).append(names[earlier])
    rows = [
        {
            "lines": " ".join(str(line + 1) for line in group),
            "layer": precedence.layers[at],
            "after": "; ".join(before.get(at, [])),
        }
        for at, group in enumerate(precedence.groups)
    ]
    return frame_of(rows, ("lines", "layer", "after"))


def sizes_frame(sizes: Counter[int]) -> Frame:
    """lines, edits, share: how many edits insert one line, two lines, ..."""
    total = sum(sizes.values())
    rows = [
        {"lines": size, "edits": n_edits, "share": n_edits / total}
        for size, n_edits in sorted(sizes.items())
        if n_edits
    ]
    return frame_of(rows, ("lines", "edits", "share"))


def alignment_frame(orders: Orders, one: int, other: int) -> Frame:
    """line, text, edit_in_first, edit_in_second: a row a line, all from 1."""
    rows = [
        {"line": line + 1, "text": text, "edit_in_first": a + 1, "edit_in_second": b + 1}
        for line, (text, a, b) in enumerate(
            zip(
                orders.lines,
                orders.births[one].tolist(),
                orders.births[other].tolist(),
                strict=True,
            )
        )
    ]
    return frame_of(rows, ("line", "text", "edit_in_first", "edit_in_second"))

"""An edit sequence as plain HTML: no script, no style that a sanitiser would take out."""

from __future__ import annotations

import html

from lintseq_core.edits import EditSequence
from lintseq_core.edits.words import describe_writing

MAX_EDITS = 40


def sequence_html(sequence: EditSequence, *, title: str = "") -> str:
    """A table with a row an edit: its number, its text, and why its lines come together.

    Of a sequence of more than 40 edits the first 40, and how many follow.
    """
    rows = []
    for index, edit in enumerate(sequence.edits()[:MAX_EDITS]):
        told = "<br>".join(html.escape(words) for words in describe_writing(sequence, index))
        rows.append(
            f'<tr><td>{index + 1}</td><td align="left"><pre>{html.escape(edit)}</pre></td>'
            f'<td align="left">{told}</td></tr>'
        )
    left = sequence.n_edits - MAX_EDITS
    more = f"<p>{left} more edits.</p>" if left > 0 else ""
    how = sequence.method if sequence.linter_name == "none" else f"with {sequence.linter_name}"
    head = " · ".join(part for part in (title, f"{sequence.n_edits} edits, {how}") if part)
    return (
        f"<p>{html.escape(head)}</p><table><thead><tr><th>edit</th><th>inserts</th><th>why</th>"
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table>{more}"
    )

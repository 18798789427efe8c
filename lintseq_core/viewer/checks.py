"""Which states of a sequence are broken, in the eyes of one linter, and what is wrong there."""

from __future__ import annotations

from typing import Any

from lintseq_core.edits import EditSequence
from lintseq_core.edits.branch import lines_at
from lintseq_core.edits.closure import lint_state, original_findings
from lintseq_core.linting import Linter


def broken_states(sequence: EditSequence, judge: Linter) -> dict[str, Any]:
    """The states in which `judge` finds what it does not find in the whole program.

    As the payload holds them: {"judge": "pyflakes 4.1.0", "broken": {"3": "line 4: ..."}}, by
    step, with the topmost finding of each. Lints every state. Raises LinterFailure.
    """
    known = original_findings(sequence.program, judge)
    broken = {}
    for step in range(1, sequence.n_edits + 1):
        found = lint_state(sequence.program, lines_at(sequence, step), judge)
        new = sorted(key for _, key in found if key not in known)
        if new:
            code, line, arguments = min(new, key=lambda key: key[1])
            about = f" ({', '.join(arguments)})" if arguments else ""
            more = f", and {len(new) - 1} more" if len(new) > 1 else ""
            broken[str(step)] = f"line {line + 1}: {code}{about}{more}"
    return {"judge": f"{judge.name} {judge.version}", "broken": broken}

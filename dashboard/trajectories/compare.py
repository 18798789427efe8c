"""Compare linters: one program, one seed, and what each linter lets through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from statistics import mean
from typing import Any

import streamlit as st

from dashboard.files.loaders import (
    MAX_COMPARE_LINES,
    load_broken,
    load_compared,
    load_linters,
    load_sequence,
)
from dashboard.shared.calls import Code, call, code, script
from dashboard.shared.show import show_note, show_notes, show_player
from dashboard.shared.take_along import show_take_along
from dashboard.trajectories.choice import SequenceChoice
from lintseq_core import EditSequence, LintSeqError, Program, get_linter, sample_path
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.viewer.checks import broken_states

WAYS = (
    ("LintSeq, pyflakes", "lintseq", "pyflakes"),
    ("LintSeq, pylint", "lintseq", "pylint"),
    ("LintSeq, ruff", "lintseq", "ruff"),
    ("LintSeq, syntax only", "lintseq", "syntax"),
    ("RandSeq", "randseq", "none"),
)
JUDGES = {
    "syntax": "Syntax errors",
    "pyflakes": "pyflakes finds",
    "ruff": "ruff finds",
    "pylint": "pylint finds",
}
"""Each linter that judges, fast ones first, and the title of its column."""
SLOW = "pylint"
NOT_INSTALLED, NOT_RUN, TO_COME = "not installed", "not run", "…"


@dataclass(slots=True)
class Way:
    """One way to make the sequence, and what has been found out about it so far."""

    choice: SequenceChoice
    why_not: str | None
    """Why it does not run here, or None."""
    is_missing: bool
    broken: dict[str, dict[str, str]] = field(default_factory=dict)
    """By judge: what it finds, by step."""
    sequence: EditSequence | None = None

    @property
    def name(self) -> str:
        return self.choice.title


def show_compare_lab(choice: SequenceChoice) -> None:
    """A table of what each way lets through, filled while it is found out, and their players."""
    st.markdown(
        "The same seed and number of the sequence, with every way to say which lines go together; "
        "the paper's linter is pylint. Then every linter judges every state of each sequence. A "
        "state is **broken** if one of them finds in it what it does not find in the whole "
        "program.",
        width=860,
    )
    ways = [_way(choice, *each) for each in WAYS]
    judges = [judge for judge in JUDGES if _why_not(choice, judge) is None]
    table, progress = st.empty(), st.empty()
    notes = _find_out(ways, judges, table, progress)
    table.table([_row(way, judges) for way in ways])
    _show_missing()
    for told in notes:
        show_note(told)
    done = [way for way in ways if way.sequence is not None]
    if not done:
        st.info("No linter can take this program.", icon=":material/hourglass_disabled:")
        return
    payloads = [load_compared(way.choice, tuple(way.broken)) for way in done]
    show_notes(list(_first_breaks(payloads)))
    # Where a linter first lets a broken state through, or else where RandSeq does.
    breaks = [min(map(int, p["checks"]["broken"])) for p in payloads if p["checks"]["broken"]]
    step = breaks[0] if breaks else 1
    with st.container(key="compared"):
        show_player(*payloads, key="race", step=step, start=step)
    show_note(
        "The keys step all of them: click a player first. ✗ marks an edit after which the state "
        "is broken."
    )
    show_take_along(
        _states_frame(done, payloads),
        "linters",
        python=_python(choice.file, done, judges),
        command="\n".join(way.choice.as_command(choice.file) or "" for way in done),
    )


def _way(choice: SequenceChoice, name: str, method: str, linter: str) -> Way:
    made = replace(choice, title=name, method=method, linter=linter, branches=())
    return Way(made, _why_not(choice, linter), linter in load_linters().missing)


def _why_not(choice: SequenceChoice, linter: str) -> str | None:
    if linter in load_linters().missing:
        return load_linters().missing[linter]
    limit, n_lines = MAX_COMPARE_LINES[linter], choice.text.count("\n")
    if n_lines > limit:
        return f"the program has {n_lines:,} lines, and the page goes up to {limit:,} with it"
    return None


def _find_out(ways: list[Way], judges: list[str], table: Any, progress: Any) -> list[str]:
    """Samples and judges, slow linters last, the table growing; what did not work, in sentences."""
    able = [way for way in ways if way.why_not is None]
    notes = [
        f"{way.name} does not run here: {way.why_not}."
        for way in ways
        if way.why_not is not None and not way.is_missing
    ]
    done, n_tasks = 0, len(able) * (1 + len(judges))

    def say(doing: str) -> None:
        nonlocal done
        table.table([_row(way, judges) for way in ways])
        progress.progress(done / n_tasks, text=doing)
        done += 1

    def let_judge(way: Way, judge: str) -> None:
        if way.sequence is None:
            return
        say(f"{way.name}: {judge} judges its {way.sequence.n_edits} states")
        try:
            way.broken[judge] = load_broken(way.choice, judge)
        except LintSeqError as error:
            notes.append(f"{judge} does not judge {way.name}: {error}.")

    for way in sorted(able, key=lambda way: way.choice.linter == SLOW):
        say(f"{way.name}: making its sequence")
        try:
            way.sequence = load_sequence(way.choice)
        except LintSeqError as error:
            way.why_not = str(error)
            notes.append(f"{way.name} does not run here: {error}.")
        for judge in judges:
            if judge != SLOW:
                let_judge(way, judge)
    if SLOW in judges:
        for way in able:
            let_judge(way, SLOW)
    progress.empty()
    for judge in JUDGES:
        why = _why_not(ways[0].choice, judge)
        if why is not None and judge not in load_linters().missing:
            notes.append(f"{judge} does not judge here: {why}.")
    return list(dict.fromkeys(notes))


def _row(way: Way, judges: list[str]) -> dict[str, str]:
    finds = {JUDGES[judge]: "" for judge in judges}
    if way.sequence is None:
        state = NOT_INSTALLED if way.is_missing else NOT_RUN if way.why_not else TO_COME
        rest = {"First broken": "", "Edits": "", "Lines an edit": ""}
        return {"Made with": way.name, "Broken states": state} | finds | rest
    for judge in judges:
        finds[JUDGES[judge]] = f"{len(way.broken[judge])}" if judge in way.broken else TO_COME
    n_states = way.sequence.n_edits
    broken = {int(step) for found in way.broken.values() for step in found}
    return {
        "Made with": way.name,
        "Broken states": f"{len(broken)} of {n_states}",
        **finds,
        "First broken": f"after edit {min(broken)}" if broken else "none",
        "Edits": f"{n_states}",
        "Lines an edit": f"{mean(_sizes(way.sequence)):.2f}",
    }


def _show_missing() -> None:
    """How to install the linters that are not here."""
    for linter, told in load_linters().missing.items():
        why, _, command = told.partition(": ")
        show_note(f"{linter} is not installed. To compare it too, on the machine of this server:")
        st.code(command or why, language=None)


def _states_frame(ways: list[Way], payloads: list[dict[str, Any]]) -> Frame:
    """A row an edit of each way: its lines, who finds the state after it broken, and why."""
    names = ("made_with", "edit", "lines", "found_by", "finding")
    rows = [
        {
            "made_with": way.name,
            "edit": edit,
            "lines": lines,
            "found_by": " ".join(
                judge for judge, found in way.broken.items() if str(edit) in found
            ),
            "finding": payload["checks"]["broken"].get(str(edit)),
        }
        for way, payload in zip(ways, payloads, strict=True)
        if way.sequence is not None
        for edit, lines in enumerate(_sizes(way.sequence), start=1)
    ]
    return frame_of(rows, names)


def _python(file: str, ways: list[Way], judges: list[str]) -> str:
    sequences = {
        way.name: call(
            sample_path,
            Code("program"),
            seed=way.choice.seed,
            path_index=way.choice.path,
            **way.choice.way_in_python,
        )
        for way in ways
    }
    found = call(broken_states, Code("sequence"), Code("judge"))
    return script(
        code("program = {}", call(Program.from_file, file)),
        code("sequences = {}", sequences),
        code("judges = {}", [call(get_linter, judge) for judge in judges]),
        Code("for name, sequence in sequences.items():"),
        code('    broken = {{step for judge in judges for step in {}["broken"]}}', found),
        code(
            '    print(f"{{name}}: {{sequence.{}}} edits, {{len(broken)}} broken states")',
            EditSequence.n_edits,
        ),
    )


def _sizes(sequence: EditSequence) -> list[int]:
    sizes = [0] * sequence.n_edits
    for birth in sequence.birth_steps:
        sizes[birth] += 1
    return sizes


def _first_breaks(payloads: list[dict[str, Any]]) -> Iterator[str]:
    for payload in payloads:
        broken = payload["checks"]["broken"]
        if broken:
            step = min(map(int, broken))
            yield f"{payload['title']} first breaks after edit {step}. {broken[str(step)]}."

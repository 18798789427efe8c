"""Linter race: one program, one seed, and what each linter lets through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from statistics import mean
from typing import Any

import streamlit as st

from dashboard.files.loaders import MAX_RACE_LINES, load_linters, load_racer
from dashboard.shared.calls import Code, call, code, script
from dashboard.shared.show import as_markdown, show_note, show_player
from dashboard.shared.take_along import show_take_along
from dashboard.trajectories.choice import SequenceChoice
from lintseq_core import EditSequence, LintSeqError, Program, get_linter, sample_path
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.viewer.checks import broken_states

RACERS = (
    ("LintSeq, pyflakes", "lintseq", "pyflakes"),
    ("LintSeq, pylint", "lintseq", "pylint"),
    ("LintSeq, syntax only", "lintseq", "syntax"),
    ("RandSeq", "randseq", "none"),
)


def show_race_lab(choice: SequenceChoice) -> None:
    """Players of every racer side by side, and a table of what broke first."""
    st.markdown(
        "The same seed and number of the sequence, with four ways to say which lines go together. "
        "pyflakes then judges every state of each: a state is broken if it has a finding that the "
        "whole program does not have.",
        width=760,
    )
    payloads, rows, absent = [], [], []
    for name, method, linter in RACERS:
        why_not = _why_not(choice, method, linter)
        if why_not is None:
            racer = replace(choice, title=name, method=method, linter=linter, branches=())
            try:
                payload = load_racer(racer)
            except LintSeqError as error:
                why_not = str(error)
            else:
                payloads.append(payload)
                rows.append(_row(payload))
        if why_not is not None:
            absent.append(f"{name} does not run here: {why_not}.")
    for told in absent:
        show_note(told)
    if not payloads:
        st.info("No racer can take this program.", icon=":material/hourglass_disabled:")
        return
    st.table(rows)
    show_take_along(
        _states_frame(payloads), "race", python=_python(choice, payloads), command=_commands(choice)
    )
    for sentence in _first_breaks(payloads):
        st.markdown(as_markdown(sentence))
    # Where a linter first lets a broken state through, or else where RandSeq does.
    breaks = [min(map(int, p["checks"]["broken"])) for p in payloads if p["checks"]["broken"]]
    step = breaks[0] if breaks else 1
    show_player(*payloads, key="race", step=step, start=step)
    show_note(
        "The keys step all of them: click a player first. ✗ marks an edit after which the state "
        "is broken."
    )


def _states_frame(payloads: list[dict[str, Any]]) -> Frame:
    """A row an edit of each racer: how many lines it inserts, what is broken after it."""
    rows = [
        {
            "racer": payload["title"],
            "edit": edit,
            "lines": lines,
            "finding": payload["checks"]["broken"].get(str(edit)),
        }
        for payload in payloads
        for edit, lines in enumerate(_sizes(payload), start=1)
    ]
    return frame_of(rows, ("racer", "edit", "lines", "finding"))


def _racers(choice: SequenceChoice) -> list[SequenceChoice]:
    return [
        replace(choice, title=choice.file, method=method, linter=linter, branches=())
        for _, method, linter in RACERS
        if _why_not(choice, method, linter) is None
    ]


def _commands(choice: SequenceChoice) -> str:
    return "\n".join(filter(None, (racer.as_command() for racer in _racers(choice))))


def _python(choice: SequenceChoice, payloads: list[dict[str, Any]]) -> str:
    sequences = {
        payload["title"]: call(
            sample_path,
            Code("program"),
            seed=one.seed,
            path_index=one.path,
            **one.way_in_python,
        )
        for payload, one in zip(payloads, _racers(choice), strict=True)
    }
    found = call(broken_states, Code("sequence"), call(get_linter, "pyflakes"))
    return script(
        code("program = {}", call(Program.from_file, choice.file)),
        code("racers = {}", sequences),
        Code("for name, sequence in racers.items():"),
        code('    broken = {}["broken"]', found),
        code(
            '    print(f"{{name}}: {{sequence.{}}} edits, {{len(broken)}} broken states")',
            EditSequence.n_edits,
        ),
    )


def _why_not(choice: SequenceChoice, method: str, linter: str) -> str | None:
    limit = MAX_RACE_LINES["randseq" if method == "randseq" else linter]
    n_lines = choice.text.count("\n")
    if n_lines > limit:
        return f"the program has {n_lines:,} lines, and the page lets it race up to {limit:,}"
    if method == "lintseq" and linter not in load_linters().installed:
        return load_linters().missing[linter]
    return None


def _row(payload: dict[str, Any]) -> dict[str, str]:
    broken = payload["checks"]["broken"]
    n_states = payload["n_edits"]
    return {
        "Racer": payload["title"],
        "Edits": f"{n_states}",
        "Lines an edit": f"{mean(_sizes(payload)):.2f}",
        "Broken states": f"{len(broken)} of {n_states}",
        "First broken": f"after edit {min(map(int, broken))}" if broken else "none",
    }


def _sizes(payload: dict[str, Any]) -> list[int]:
    sizes = [0] * payload["n_edits"]
    for birth in payload["births"]:
        sizes[birth] += 1
    return sizes


def _first_breaks(payloads: list[dict[str, Any]]) -> Iterator[str]:
    for payload in payloads:
        broken = payload["checks"]["broken"]
        if broken:
            step = min(map(int, broken))
            yield f"{payload['title']} first breaks after edit {step}: {broken[str(step)]}."

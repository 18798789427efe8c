"""`lintseq view` shows any state of any sequence, and a file cannot drive the terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lintseq_core import EditSequence, Program, sample_path
from lintseq_core.cli.view import ScreenPosition, move, played, screen
from lintseq_core.edits.reasons import Drawn

SEQUENCES = [
    sample_path(Program.from_text("a = 1\nb = a\n\nc = 3\n"), seed=0, path_index=path)
    for path in range(2)
]
PLAYED = [played(sequence) for sequence in SEQUENCES]
LAST = SEQUENCES[0].n_edits


@pytest.mark.parametrize(
    ("place", "action", "step", "sample"),
    [
        (ScreenPosition(), "next", 1, 0),
        (ScreenPosition(), "previous", 0, 0),
        (ScreenPosition(), "last", LAST, 0),
        (ScreenPosition(step=LAST), "next", LAST, 0),
        (ScreenPosition(step=LAST), "first", 0, 0),
        (ScreenPosition(step=2), "next sample", 0, 1),
        (ScreenPosition(step=2), "previous sample", 2, 0),
        (ScreenPosition(step=99), "", LAST, 0),
    ],
)
def test_keys_move_within_bounds(
    place: ScreenPosition, action: str, step: int, sample: int
) -> None:
    found = move(PLAYED, place, action)

    assert (found.step, found.sample) == (step, sample)


def test_the_screen_holds_the_state_and_marks_what_is_new() -> None:
    for step in range(LAST + 1):
        rows = [line.plain for line in screen(PLAYED, ScreenPosition(step=step), "f.py", 80, 24)]
        expected = [
            f"{birth + 1:>4} {line + 1:>5} {'+' if birth == step - 1 else ' '} {text}"
            for line, (text, birth) in enumerate(
                zip(SEQUENCES[0].program.lines, SEQUENCES[0].birth_steps, strict=True)
            )
            if birth < step
        ]
        assert rows[1 : 1 + len(expected)] == expected
        assert rows[0].endswith("f.py")
        assert rows[0].startswith(f"step {step} of {LAST}: ")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (20, 8), (1, 5)])
def test_nothing_is_larger_than_the_terminal(width: int, height: int) -> None:
    program = Program("".join(f"x{i} = '{'long ' * 50}'\n" for i in range(200)))
    sequence = EditSequence(program, (0,) * 200, (Drawn(),) * 200, "lintseq")

    lines = screen([played(sequence)], ScreenPosition(step=1), "f.py", width, height)

    assert len(lines) < height
    assert all(line.cell_len <= width for line in lines)


def test_no_character_of_a_file_drives_the_terminal() -> None:
    text = "a = '\x1b[2J\x1b]0;title\x07\u202e\u2066\x9b31m'\n"
    sequence = EditSequence(Program(text), (0,), (Drawn(),), "lintseq")

    rows = screen([played(sequence)], ScreenPosition(step=1), "\x1b[31mf.py", 80, 24)

    shown = "".join(line.plain for line in rows)
    assert not set(shown) & set("\x1b\x07\x9b\u202e\u2066")


def test_a_pipe_gets_one_state(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(SEQUENCES[0].to_json() + "\nnot json\n", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "lintseq_core", "view", str(file), "--step", "1"],
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip

    assert f"step 1 of {LAST}" in done.stdout
    assert "row 2: not JSON" in done.stderr


def test_arrow_keys_step_in_a_real_terminal(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(f"{each.to_json()}\n" for each in SEQUENCES), encoding="utf-8")
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "lintseq_core", "view", str(file)],
        stdin=child, stdout=child, stderr=child,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"},
    )  # fmt: skip
    os.close(child)
    try:
        assert read_until(parent, f"step 0 of {LAST}")
        for keys, shown in (
            (b"\x1b[C", f"step 1 of {LAST}"),
            (b"\x1b[F", f"step {LAST} of {LAST}"),
            (b"n", "sequence 2 of 2"),
        ):
            os.write(parent, keys)
            assert read_until(parent, shown), shown
        os.write(parent, b"q")
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        os.close(parent)


def read_until(descriptor: int, wanted: str) -> bool:
    seen, deadline = "", time.monotonic() + 20
    while wanted not in seen and time.monotonic() < deadline:
        if select.select([descriptor], [], [], 0.2)[0]:
            seen += os.read(descriptor, 65536).decode("utf-8", "replace")
    return wanted in seen


def test_a_trace_is_stepped_through_with_what_is_wrong() -> None:
    folder = Path(__file__).parents[3] / "tests" / "data" / "traces"
    shown = ""
    for path in sorted(folder.glob("*.tiny-short.jsonl")):
        command = [sys.executable, "-m", "lintseq_core", "view", str(path), "--step", "4"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert re.match(r"step [1-4] of \d+: inserts \d+ lines?   sample 1 of 10", done.stdout)
        assert not done.stderr
        shown += done.stdout
    assert re.search(r"\d+ tokens, log-probability -\d+\.\d", shown)
    for said in ("the program does not parse", "Fault: line ", "New: line "):
        assert said in shown

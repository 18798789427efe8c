"""Runs the tests of the example programs on the states of some edit sequences. In a checkout:

    python assets/make/program_tests.py

Reads assets/programs/tests.jsonl and writes outcomes.jsonl beside it, by the text of each state;
tests run in boxes (isolation L3).
"""

from __future__ import annotations

import platform
from pathlib import Path

from lintseq_core import Program, __version__, sample_path
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation
from lintseq_core.viewer.outcomes import Outcomes, judge_states, read_tasks, write_results

PROGRAMS = Path(__file__).resolve().parents[1] / "programs"
SEQUENCES = [("lintseq", seed) for seed in range(4)] + [("randseq", 0)]


def main() -> None:
    """Write outcomes.jsonl."""
    tasks = read_tasks((PROGRAMS / "tests.jsonl").read_text(encoding="utf-8"), "tests.jsonl")
    backend, checked = choose(Isolation.BOX)
    outcomes: dict[tuple[str, str], Outcomes] = {}
    for task in tasks:
        program = Program.from_file(PROGRAMS / task.program)
        states: list[str] = []
        for method, seed in SEQUENCES:
            sequence = sample_path(program, seed=seed, method=method)  # type: ignore[arg-type]
            states += sequence.states()
        outcomes |= judge_states(task, states, backend)
        print(f"{task.task_id}: {len(set(states))} states", flush=True)
    backend.close()
    made = (
        f"isolation {checked.isolation} ({checked.backend}), lintseq-core {__version__}, "
        f"Python {platform.python_version()}, assets/make/program_tests.py"
    )
    more = {"mechanisms": list(checked.mechanisms), "kernel": checked.kernel}
    text = write_results(made, outcomes, **more)
    (PROGRAMS / "outcomes.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

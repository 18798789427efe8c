"""Makes the traces that ship and the results of their tests. In a checkout, some ten minutes:

    OMP_NUM_THREADS=1 .venv/bin/python assets/make/traces.py

Trains the tiny model twice on edit sequences of the programs in problems.jsonl (long and short),
lets both write every task, and runs the tests on every state, in boxes (isolation L3): of the
samples, and of some trajectories of the example programs that have tests. The same seeds give the
same traces on the same versions of torch; seconds differ.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from lintseq_core import Program, __version__, sample_path
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation
from lintseq_core.generation.request import run_model
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.trace import GenerationTrace, TraceWriter, gather_trace
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.models.load import load_model
from lintseq_core.models.loaded import LoadedModel
from lintseq_core.viewer.outcomes import (
    Outcomes,
    TestedTask,
    judge_states,
    read_tasks,
    write_results,
)

TRACES = Path(__file__).resolve().parents[1] / "traces"
PROGRAMS = TRACES.parent / "programs"
MODELS = {"tiny-long": 90, "tiny-short": 30}
"""Name of the model -> passes over the 192 sequences, 12 steps of 16 each."""
N_SAMPLES, MAX_TOKENS, TEMPERATURE = 10, 420, 1.1
TRAJECTORIES = [("lintseq", seed) for seed in range(4)] + [("randseq", 0)]


def main() -> None:
    """Write the traces and results.jsonl."""
    tasks = read_tasks((TRACES / "problems.jsonl").read_text(encoding="utf-8"), "problems.jsonl")
    states: dict[TestedTask, list[str]] = {}
    for name, model in _train(tasks).items():
        for task in (task for task in tasks if task.instruction):
            trace = _generate(model, task, TRACES / f"{task.task_id}.{name}.jsonl")
            for sample in trace.samples:
                states.setdefault(task, []).extend(sample.states())
    for task in (task for task in tasks if task.program):
        program = Program.from_file(PROGRAMS / task.program)
        for method, seed in TRAJECTORIES:
            sequence = sample_path(program, seed=seed, method=method)  # type: ignore[arg-type]
            states.setdefault(task, []).extend(sequence.states())
    backend, checked = choose(Isolation.BOX)
    outcomes: dict[tuple[str, str], Outcomes] = {}
    for task, of_task in states.items():
        outcomes |= judge_states(task, of_task, backend)
        print(f"{task.task_id}: {len(set(of_task))} states", flush=True)
    backend.close()
    made = (
        f"isolation {checked.isolation} ({checked.backend}), lintseq-core {__version__}, "
        f"Python {platform.python_version()}, assets/make/traces.py"
    )
    more = {"mechanisms": list(checked.mechanisms), "kernel": checked.kernel}
    text = write_results(made, outcomes, **more)
    (TRACES / "results.jsonl").write_text(text, encoding="utf-8")


def _train(tasks: tuple[TestedTask, ...]) -> dict[str, LoadedModel]:
    """The trained models by name."""
    loaded = {}
    with tempfile.TemporaryDirectory() as folder:
        pairs, edits = Path(folder) / "pairs.jsonl", Path(folder) / "edits.jsonl"
        rows = [
            json.dumps({"instruction": task.instruction, "response": program})
            for task in tasks
            for program in task.solutions
        ]
        pairs.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
        _lintseq("dataset", "build", str(pairs), "-o", str(edits), "-s", "16", "--workers", "1")
        for name, epochs in MODELS.items():
            run = Path(folder) / name
            options = ["--model", "tiny", "--epochs", str(epochs), "--batch-size", "16"]
            options += ["--max-length", "512", "--device", "cpu"]
            _lintseq("train", str(edits), "-o", str(run), *options)
            loaded[name] = replace(load_model(str(run / "model")), name=name)
    return loaded


def _generate(model: LoadedModel, task: TestedTask, path: Path) -> GenerationTrace:
    """Write the trace of one task; it comes back too."""
    settings = SamplingSettings(temperature=TEMPERATURE, max_tokens=MAX_TOKENS)
    request = GenerationRequest(
        task.instruction, "stepwise", settings=settings, n_samples=N_SAMPLES, seed=0
    )
    run = run_model(model, request, problem=f"examples {task.task_id}")
    events = []
    with path.open("w", encoding="utf-8", newline="\n") as file:
        writer = TraceWriter(file, run.header)
        for event in run.events:
            writer.write(event)
            events.append(event)
    print(path.name, flush=True)
    return gather_trace(run.header, events)


def _lintseq(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "lintseq_core", *arguments], check=True)


if __name__ == "__main__":
    main()

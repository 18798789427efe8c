"""The pocket models that ship, and what they wrote, out of the folder of a study.

    python assets/make/pocket.py STUDY --allow-execution

STUDY holds a folder for each model, which ships under its name:

    pocket-whole/model/          as `lintseq train` leaves it
    pocket-whole/about.json      {"trained_tokens": 15000000, "seed": 1, "commands": [...]}
    pocket-whole/samples/        lintseq generate -b pocket -n 50 -o samples
    pocket-whole/results.jsonl   lintseq evaluate samples/samples.jsonl -b pocket -o results.jsonl

Run in a checkout. Tests of states that nobody has judged are run in boxes. The same folder gives
the same files, and what is larger than may ship is refused before anything is replaced.
"""

from __future__ import annotations

import gzip
import json
import shlex
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from lintseq_core.benchmarks import Problem, ProblemSet, get_benchmark
from lintseq_core.data.files import file_sha256
from lintseq_core.edits.formats import FORMAT_NAMES, UNIFIED
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.command import run_as_module
from lintseq_core.generation.problems import solution
from lintseq_core.generation.trace import GenerationTrace
from lintseq_core.generation.trace_reading import parse_trace
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.metrics.pass_at_k import mean_pass_at_k
from lintseq_core.models.pocket.folder import WEIGHTS, compact_pocket, load_pocket
from lintseq_core.results.record import RunRecord, read_record, record_path, write_record

BENCHMARK = "pocket"
WHOLE, LINTSEQ, RANDSEQ = "pocket-whole", "pocket-lintseq", "pocket-randseq"
N_SAMPLES = 50
N_TRACED_TASKS, N_TRACED = 60, 4
"""Of these tasks, spread over all, the first samples ship edit by edit."""
MAX_MODEL_BYTES = 1_700_000
"""Of each model, with its card."""
MAX_SAMPLES_BYTES = 2_000_000
MAX_TRACES_BYTES = 5_000_000
"""Of all models together."""
DIGITS = {"log_probs": 2, "entropies": 1}
"""Decimals of what tokens have; seconds have two."""
UNREAD = ("log_prob", "entropy")
"""Fields of a step that are worked out from its tokens when a trace is read."""
KEPT = ("task_id", "sample_id", "verdict", "passed", "isolation", "integrity", "flags", "detail",
        "tests", "answer")  # fmt: skip
"""Fields of a verdict that ship: all but times."""
KS = (1, 10, 50)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Studied:
    """A model of the study with what it wrote."""

    name: str
    folder: Path
    about: Row
    rows: tuple[Row, ...]
    """A verdict and the program of each sample, by task and number."""
    record: RunRecord
    """Of the verdicts."""
    n_parameters: int
    request: GenerationRequest
    """What all tasks have in common, but for the instruction."""
    n_compile: int
    """Samples whose program compiles."""
    n_well_formed: int
    """Samples without a fault in an edit, that came to their end."""
    traces: Mapping[str, tuple[Row, ...]]
    """Of the tasks that ship: the rows of its first samples, each sample in its order."""

    @property
    def model(self) -> Path:
        return self.folder / "model"

    def trace(self, task_id: str) -> GenerationTrace:
        """The trace of a task as it ships."""
        rows = (f"{_compact(row)}\n".encode() for row in self.traces[task_id])
        return parse_trace(rows, f"{self.name}, {task_id}")


def trace_name(task_id: str) -> str:
    """The file of the trace of a task."""
    return f"{task_id.replace('/', '_')}.jsonl"


# ------------------------------------------------------------------ reading the study


def names_in(study: Path) -> list[str]:
    """The models of a study: three, and one that writes LintSeq in another format."""
    found = sorted(path.name for path in study.glob("pocket-*") if path.is_dir())
    others = [f"pocket-{name}" for name in FORMAT_NAMES if name != UNIFIED]
    for name in (WHOLE, LINTSEQ, RANDSEQ):
        if name not in found:
            raise LintSeqError(f"{study}: no folder {name}; a study holds one for each model")
    more = [name for name in found if name not in (WHOLE, LINTSEQ, RANDSEQ)]
    if len(more) > 1 or not set(more) <= set(others):
        raise LintSeqError(
            f"{study}: {', '.join(more)}; beside the three there is one of {', '.join(others)}"
        )
    return [WHOLE, LINTSEQ, *more, RANDSEQ]


def read_studied(
    study: Path, name: str, problems: ProblemSet, traced: ProblemSet, n_samples: int
) -> Studied:
    """The model called `name`. LintSeqError names the file that is missing or does not fit."""
    folder = study / name
    model = load_pocket(name, folder / "model")
    expected = None if name == WHOLE else UNIFIED
    if name not in (WHOLE, LINTSEQ, RANDSEQ):
        expected = name.removeprefix("pocket-")  # type: ignore[assignment]
    if model.edit_format != expected:
        raise LintSeqError(
            f"{folder}: the model writes {model.edit_format}, and one of this name {expected}"
        )
    about = _object(folder / "about.json")
    for key, kind in (("trained_tokens", int), ("seed", int), ("commands", list)):
        if not isinstance(about.get(key), kind):
            raise LintSeqError(f"{folder / 'about.json'}: {key} is no {kind.__name__}")
    programs = {_key(row): row["solution"] for row in _rows(folder / "samples" / "samples.jsonl")}
    verdicts = {_key(row): row for row in _rows(folder / "results.jsonl")}
    if programs.keys() != verdicts.keys():
        raise LintSeqError(f"{folder}: results.jsonl is not of samples/samples.jsonl")
    counts = Counter(task for task, _ in programs)
    wanted = dict.fromkeys((problem.task_id for problem in problems), n_samples)
    if counts != wanted:
        task = next(task for task in {**wanted, **counts} if counts[task] != wanted.get(task, 0))
        raise LintSeqError(
            f"{folder}: {counts[task]} samples of {task}, and {wanted.get(task, 0)} ship; sample "
            f"with -b {BENCHMARK} -n {n_samples}"
        )
    kept = {problem.task_id for problem in traced}
    traces, n_compile, n_well_formed = {}, 0, 0
    for problem in problems:
        header, *events = _rows(folder / "samples" / trace_name(problem.task_id))
        ends = [row for row in events if row["kind"] == "end"]
        n_compile += sum(end["compiles"] for end in ends)
        n_well_formed += sum(
            not end["faults"] and end["stop_reason"] in ("close", "eos") for end in ends
        )
        if problem.task_id in kept:
            traces[problem.task_id] = (_named(header, name), *_first_samples(events))
    request = parse_trace([f"{_compact(header)}\n".encode()], name).header.request
    order = [(problem.task_id, number) for problem in problems for number in range(n_samples)]
    rows = tuple(
        {field: verdicts[key][field] for field in KEPT if verdicts[key].get(field) not in ("", [])
         and field in verdicts[key]}
        | {"temperature": request.settings.temperature, "solution": programs[key]}
        for key in order
    )  # fmt: skip
    record = read_record(record_path(folder / "results.jsonl"))
    return Studied(
        name,
        folder,
        about,
        rows,
        record,
        model.n_parameters,
        request,
        n_compile,
        n_well_formed,
        traces,
    )


def _named(header: Row, name: str) -> Row:
    """The header of a trace of the first samples, by the model of this name."""
    return {**header, "model": name, "request": header["request"] | {"n_samples": N_TRACED}}


def _first_samples(events: Iterable[Row]) -> list[Row]:
    kept = (_shortened(row) for row in events if row["sample_index"] < N_TRACED)
    return sorted(kept, key=lambda row: row["sample_index"])


def _shortened(row: Row) -> Row:
    """`row` with fewer decimals, without what follows from its tokens."""
    kept = {name: row[name] for name in row if row["kind"] == "end" or name not in UNREAD}
    shorter = {
        name: [_rounded(value, digits) for value in row["tokens"][name]]
        for name, digits in DIGITS.items()
    }
    return {**kept, "seconds": _rounded(row["seconds"], 2), "tokens": row["tokens"] | shorter}


def _rounded(value: float | None, digits: int) -> float | int | None:
    """A whole number without its decimal point."""
    if value is None:
        return None
    short = round(value, digits)
    return int(short) if short == int(short) else short


def _key(row: Row) -> tuple[str, int]:
    return row["task_id"], row["sample_id"]


def _object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LintSeqError(f"{path}: {error}") from None
    return found if isinstance(found, dict) else {}


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as file:
            yield from map(json.loads, file)
    except (OSError, ValueError) as error:
        raise LintSeqError(f"{path}: {error}") from None


# ------------------------------------------------------------------ samples and verdicts


def write_samples(found: Studied, target: Path) -> None:
    """All programs with their verdicts, a row a sample, and the run record beside."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        target.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=9, fileobj=file, mtime=0) as packed,
    ):
        for row in found.rows:
            packed.write((_compact(row) + "\n").encode())
    hashes = {name: digest for name, digest in found.record.hashes.items() if " " in name}
    record = replace(
        found.record,
        command=_without_folders(found.record.command),
        hashes=hashes | {target.name: file_sha256(target)},
    )
    write_record(record, record_path(target))


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _without_folders(command: str) -> str:
    """`command` with paths that begin where it is run."""
    parts = [
        "/".join(Path(part).parts[-2:]) if Path(part).is_absolute() else part
        for part in shlex.split(command)
    ]
    return shlex.join(parts)


# ------------------------------------------------------------------ traces


def states_to_judge(studied: Sequence[Studied], traced: ProblemSet) -> dict[str, dict[str, str]]:
    """Of each task every state that ships, with its verdict as far as somebody has decided it."""
    known: dict[str, dict[str, str]] = {problem.task_id: {} for problem in traced}
    for one in studied:
        for row in one.rows:
            if row["task_id"] in known:
                known[row["task_id"]][row["solution"]] = row["verdict"]
    found: dict[str, dict[str, str]] = {}
    for problem in traced:
        of_task = found.setdefault(problem.task_id, {})
        for one in studied:
            for sample in one.trace(problem.task_id).samples:
                for step in sample.steps:
                    told = step.verdict or known[problem.task_id].get(step.state, "")
                    of_task[step.state] = of_task.get(step.state) or told
                if sample.end is not None:
                    program = sample.end.program
                    told = sample.end.verdict or known[problem.task_id].get(program, "")
                    of_task[program] = of_task.get(program) or told
    return found


def judge(states: dict[str, dict[str, str]], problems: ProblemSet, workers: int | None) -> None:
    """Fill in the verdicts that are missing, in boxes."""
    from lintseq_core.execution.pool import Task, default_workers, run
    from lintseq_core.execution.selfcheck import choose
    from lintseq_core.execution.verdict import Isolation

    benchmark = get_benchmark(BENCHMARK)
    missing = [
        (problems.named(task), state)
        for task, of_task in states.items()
        for state, verdict in of_task.items()
        if not verdict
    ]

    def task_of(key: int, problem: Problem, state: str) -> Task:
        program = solution(benchmark, problem, state)
        return Task(key, program, problem.tests, problem.task_id, problem.reference,
                    problem.cpu_limit_s)  # fmt: skip

    def take(key: int, outcome: Any) -> None:
        problem, state = missing[key]
        states[problem.task_id][state] = str(outcome.verdict)

    backend, _ = choose(Isolation.BOX)
    try:
        tasks = (task_of(key, *one) for key, one in enumerate(missing))
        run(tasks, backend, take, workers=workers or default_workers())
    finally:
        backend.close()


def write_trace(found: Studied, task_id: str, verdicts: Mapping[str, str], target: Path) -> None:
    """The first samples of a trace, each state with its verdict, under the model's own name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    header, *rows = found.traces[task_id]
    states = {
        (sample.sample_index, step.step_index, step.attempt): step.state
        for sample in found.trace(task_id).samples
        for step in sample.steps
    }
    lines = [_compact(header)]
    for row in rows:
        if row["kind"] == "end":
            state = row["program"]
        else:
            state = states[row["sample_index"], row["step_index"], row["attempt"]]
        lines.append(_compact({**row, "verdict": verdicts[state]}))
    target.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


# ------------------------------------------------------------------ cards


WRITES = {
    WHOLE: "whole programs",
    LINTSEQ: "LintSeq edit sequences in the paper's format",
    RANDSEQ: "edit sequences that were drawn without a linter (RandSeq), in the paper's format",
}


def what_it_writes(name: str) -> str:
    """What the model called `name` was trained on."""
    return WRITES.get(name) or f"LintSeq edit sequences in the format `{name[len('pocket-') :]}`"


def scores_of(found: Studied) -> dict[int, float]:
    """pass@k of all its samples, by k."""
    n, c = Counter[str](), Counter[str]()
    for row in found.rows:
        n[row["task_id"]] += 1
        c[row["task_id"]] += row["passed"]
    ks = [k for k in KS if k <= min(n.values())]
    return {one.k: one.mean for one in mean_pass_at_k([*n.values()], [c[task] for task in n], ks)}


def card(found: Studied, n_bytes: int, digest: str) -> str:
    """README.md of a model."""
    name, request = found.name, found.request
    is_edits = request.mode == "stepwise"
    settings = request.settings
    way = " --stepwise" if is_edits else ""
    drawn = (
        f"lintseq generate -b {BENCHMARK} --model {name}{way} -n {request.n_samples} "
        f"--temperature {settings.temperature:g} --top-p {settings.top_p:g} "
        f"--max-tokens {settings.max_tokens} --seed {request.seed} -o {name}"
    )
    each = " --each-test" if any("tests" in row for row in found.rows) else ""
    judged = (
        f"lintseq evaluate {name}/samples.jsonl -b {BENCHMARK} -o {name}.jsonl{each} "
        "--allow-execution"
    )
    n_samples = len(found.rows)
    scores = "; ".join(f"pass@{k} {value:.1%}" for k, value in scores_of(found).items())
    facts = [
        ("network", "a Llama of 4 layers, width 128, 768 tokens, 1,024 tokens of context"),
        ("weights", f"float16, {n_bytes:,} bytes, sha256 `{digest[:16]}`"),
        ("trained tokens", f"{found.about['trained_tokens']:,}"),
        ("seed", f"{found.about['seed']}"),
        (f"{request.n_samples} samples of each held-out task, temperature "
         f"{settings.temperature:g}", scores),
        ("programs that compile", f"{found.n_compile / n_samples:.1%}"),
        *([("samples without a fault in an edit", f"{found.n_well_formed / n_samples:.1%}")]
          if is_edits else []),
    ]  # fmt: skip
    table = "\n".join(f"| {what} | {value} |" for what, value in facts)
    trained = "\n".join(map(_without_folders, found.about["commands"]))
    return f"""# {name}

A model of {found.n_parameters:,} parameters that writes {what_it_writes(name)}.
It was trained for this project on tasks of the benchmark Pocket, which `lintseq pocket data` makes,
and runs on any computer with numpy alone. Weights, samples and this card are under the MIT licence
of the project.

| | |
|---|---|
{table}

Trained with

```
{trained}
```

and sampled and judged with

```
{drawn}
{judged}
```

**It can** write small functions as the tasks of Pocket ask for them, in their words: one or two
steps on ints, strings, lists, dicts or grids. **It cannot** do anything else: other instructions
give programs of these same kinds, or nonsense. It is of one seed, and another seed can score quite
differently; `assets/results` has the study as far as it ran. What it writes is for looking at; run
it in a sandbox alone.
"""


# ------------------------------------------------------------------ all of it


def bytes_below(folder: Path) -> int:
    """The bytes of the files in `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def require_sizes(folder: Path, names: Iterable[str]) -> None:
    """LintSeqError if a part of `folder` is larger than may ship."""
    limits = {name: MAX_MODEL_BYTES for name in names}
    limits |= {"samples": MAX_SAMPLES_BYTES, "traces": MAX_TRACES_BYTES}
    for name, most in limits.items():
        if (size := bytes_below(folder / name)) > most:
            fewer = "; ship fewer tasks with --traced-tasks" if name == "traces" else ""
            raise LintSeqError(f"{name}: {size:,} bytes, and {most:,} may ship{fewer}")


def write_all(
    studied: Sequence[Studied],
    traced: ProblemSet,
    states: Mapping[str, Mapping[str, str]],
    target: Path,
) -> None:
    """Everything that ships of `studied`, below `target`."""
    for found in studied:
        folder = target / found.name
        compact_pocket(found.model, folder)
        weights = folder / WEIGHTS
        text = card(found, weights.stat().st_size, file_sha256(weights))
        (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")
        write_samples(found, target / "samples" / f"{found.name}.jsonl.gz")
        for problem in traced:
            path = target / "traces" / found.name / trace_name(problem.task_id)
            write_trace(found, problem.task_id, states[problem.task_id], path)


def make_all(
    study: Path,
    target: Path,
    problems: ProblemSet,
    *,
    n_samples: int = N_SAMPLES,
    n_traced_tasks: int = N_TRACED_TASKS,
    allow_execution: bool = False,
    workers: int | None = None,
) -> dict[str, int]:
    """Write models, samples and traces that ship to `target`; the bytes of each part."""
    traced = problems.spread(n_traced_tasks)
    names = names_in(study)
    studied = [read_studied(study, name, problems, traced, n_samples) for name in names]
    states = states_to_judge(studied, traced)
    n_missing = sum(not verdict for of_task in states.values() for verdict in of_task.values())
    if n_missing and not allow_execution:
        raise LintSeqError(
            f"{n_missing:,} states have no verdict: let their tests run with --allow-execution"
        )
    if n_missing:
        judge(states, problems, workers)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = Path(scratch)
        write_all(studied, traced, states, made)
        require_sizes(made, names)
        for old in (*target.glob("pocket-*"), target / "samples", target / "traces"):
            shutil.rmtree(old, ignore_errors=True)
        for part in made.iterdir():
            shutil.move(part, target / part.name)
    return {name: bytes_below(target / name) for name in (*names, "samples", "traces")}


def main(
    study: Annotated[Path, typer.Argument(help="Folder of the study.")],
    target: Annotated[Path, typer.Option(help="Where it goes.")] = Path("assets/pocket"),
    allow_execution: Annotated[
        bool, typer.Option("--allow-execution", help="Run the tests of states, in boxes.")
    ] = False,
    traced_tasks: Annotated[
        int, typer.Option(min=1, help="Tasks whose first samples ship edit by edit.")
    ] = N_TRACED_TASKS,
    workers: Annotated[int | None, typer.Option(min=1, help="Boxes at a time.")] = None,
) -> None:
    """Write models, samples and traces that ship."""
    sizes = make_all(
        study,
        target,
        get_benchmark(BENCHMARK).problems(),
        n_traced_tasks=traced_tasks,
        allow_execution=allow_execution,
        workers=workers,
    )
    for name, n_bytes in sizes.items():
        print(f"{name}: {n_bytes:,} bytes")


if __name__ == "__main__":
    run_as_module(main, "pocket")

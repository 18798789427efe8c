"""All that is counted of a cell, kept as one small file when its traces are long gone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lintseq_core.data.files import whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.pipeline.cells import shape
from lintseq_core.experiments.pocket.study import MODEL
from lintseq_core.generation.trace import GenerationTrace
from lintseq_core.generation.trace_reading import read_trace
from lintseq_core.json_text import json_text
from lintseq_core.linting import get_linter
from lintseq_core.metrics.flops import flops_kaplan
from lintseq_core.metrics.lint_errors import count_lint_errors
from lintseq_core.metrics.normal_form import normal_text, tree_key
from lintseq_core.results.formats.reading import open_input
from lintseq_core.results.formats.recognise import recognise

_LINTER = "pyflakes"


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """The samples of one task."""

    task_id: str
    n: int
    passed: int
    """Programs as they are read leniently."""
    passed_strict: int
    """Of these, from text without a fault; whole programs have none."""
    well_formed: int
    all_trees: tuple[int, ...]
    """How many samples share each different syntax tree, the most common first; a program that
    does not parse counts by its text."""
    passed_trees: tuple[int, ...]
    """The same among those that passed."""


@dataclass(frozen=True, slots=True)
class CellCounts:
    """What a cell wrote and what became of it; samples of all tasks together but for `tasks`."""

    tasks: tuple[TaskCounts, ...]
    verdicts: Mapping[str, int]
    faults: Mapping[str, int]
    """Samples by the kind of their first fault; those without are not counted."""
    stops: Mapping[str, int]
    """Samples by why they ended."""
    findings: Mapping[str, int]
    """Programs that have each kind of the linter's."""
    n_edits: int
    n_tokens: int
    """Drawn."""
    prompt_tokens: int
    """Of all tasks, each counted once."""
    flops: float
    """Of drawing; a task's instruction is read once."""
    files: Mapping[str, str] = field(default_factory=dict)
    """sha256 of the verdicts and of the tasks."""

    @property
    def n_samples(self) -> int:
        return sum(task.n for task in self.tasks)


def count_cell(samples: Path, results: Path, *, files: Mapping[str, str]) -> CellCounts:
    """Count the traces in `samples` with the verdicts in `results`.

    LintSeqError where a sample has no verdict.
    """
    verdicts = _verdicts(results)
    tasks: list[TaskCounts] = []
    judged, faults, stops, findings = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    n_edits = n_tokens = prompt_tokens = 0
    flops = 0.0
    paths = (path for path in samples.glob("*.jsonl") if path.name != "samples.jsonl")
    linter = get_linter(_LINTER)
    for trace in sorted(map(read_trace, paths), key=_place):
        ends = [sample.end for sample in trace.samples if sample.end is not None]
        task = _task(trace)
        told = [verdicts.get((task, end.sample_index)) for end in ends]
        if None in told or not ends:
            raise LintSeqError(
                f"{results}: no verdict for a sample of {task}; remove the file and repeat the "
                "command of this study: it goes on"
            )
        passed = [verdict == "passed" for verdict in told]
        keys = [tree_key(end.program) or f"text {normal_text(end.program)}" for end in ends]
        tasks.append(
            TaskCounts(
                task,
                len(ends),
                sum(passed),
                sum(ok and not end.faults for ok, end in zip(passed, ends, strict=True)),
                sum(not end.faults for end in ends),
                _multiplicities(keys),
                _multiplicities([key for key, ok in zip(keys, passed, strict=True) if ok]),
            )
        )
        judged.update(verdict for verdict in told if verdict)
        faults.update(str(end.faults[0].kind) for end in ends if end.faults)
        stops.update(end.stop_reason for end in ends)
        found = count_lint_errors([end.program for end in ends], linter)
        findings.update({code: n for code, n, _ in found.by_code})
        n_edits += sum(len(sample.kept_steps) for sample in trace.samples)
        drawn = sum(end.n_tokens for end in ends)
        n_tokens += drawn
        prompt_tokens += trace.header.n_prompt_tokens
        flops += _flops(trace.header.n_prompt_tokens, drawn / len(ends), len(ends))
    return CellCounts(
        tuple(tasks), dict(judged), dict(faults), dict(stops), dict(findings), n_edits, n_tokens,
        prompt_tokens, flops, files,
    )  # fmt: skip


def write_counts(counts: CellCounts, path: Path) -> None:
    """`counts` as a JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.write((json_text(asdict(counts), separators=(",", ":")) + "\n").encode())


def read_counts(path: Path) -> CellCounts:
    """The counts in `path`; LintSeqError if there are none."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        tasks = tuple(
            TaskCounts(**_tuples(task, "all_trees", "passed_trees")) for task in told.pop("tasks")
        )
        return CellCounts(tasks, **told)
    except FileNotFoundError:
        raise LintSeqError(
            f"{path}: not there yet; repeat the command of this study: it goes on"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LintSeqError(f"{path}: no counts of a cell ({error}); remove it") from None


def expected_distinct(multiplicities: Sequence[int], draws: int) -> float:
    """How many different trees there are among `draws` samples, on average over all choices.

    Hurlbert's rarefaction (1971): so numbers of samples that differ can be compared. NaN where
    there are fewer samples than draws.

    >>> expected_distinct((2, 2), 2)
    1.6666666666666665
    """
    n = sum(multiplicities)
    if n < draws:
        return float("nan")
    total = 0.0
    for m in multiplicities:
        missing = 1.0  # no draw is one of these m
        for i in range(draws):
            missing *= max(n - m - i, 0) / (n - i)
        total += 1 - missing
    return total


def _tuples(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return values | {name: tuple(values[name]) for name in names}


def _verdicts(results: Path) -> dict[tuple[str, int], str]:
    with open_input(str(results)) as source:
        return {
            (one.task_id, one.sample_id or 0): one.verdict or ""
            for one in recognise(source).samples()
        }


def _multiplicities(keys: Sequence[str]) -> tuple[int, ...]:
    return tuple(n for _, n in Counter(keys).most_common())


def _task(trace: GenerationTrace) -> str:
    return (trace.header.problem or "").partition(" ")[2]


def _place(trace: GenerationTrace) -> tuple[int, str]:
    """Tasks in their order: Pocket/2 before Pocket/10."""
    task = _task(trace)
    number = task.rpartition("/")[2]
    return (int(number) if number.isdigit() else 0, task)


def _flops(prompt_tokens: int, tokens_per_sample: float, n_samples: int) -> float:
    n_parameters, n_layers, width = shape(MODEL)
    return flops_kaplan(
        n_params=n_parameters, n_layers=n_layers, d_model=width, prompt_tokens=prompt_tokens,
        tokens_per_sample=tokens_per_sample, samples_per_problem=n_samples, n_problems=1,
        prompt_is_shared=True,
    )  # fmt: skip


def total(counts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Counts of several cells together."""
    found: Counter[str] = Counter()
    for one in counts:
        found.update(one)
    return dict(found)


def shares(counts: Mapping[str, int], n: int) -> Iterator[tuple[str, int, float]]:
    """Each kind with its number and its share of `n`, the most common first."""
    for kind in sorted(counts, key=lambda kind: (-counts[kind], kind)):
        yield kind, counts[kind], counts[kind] / n if n else float("nan")

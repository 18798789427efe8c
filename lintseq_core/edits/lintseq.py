"""LintSeq's backward sampling: draw a line, delete its closure, until nothing is left to draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lintseq_core.edits import upstream
from lintseq_core.edits.closure import Closure, FindingKey, close_deletion, original_findings
from lintseq_core.edits.draws import Rng, candidate_lines, draw_weighted, line_weights
from lintseq_core.edits.randseq import sample_randseq
from lintseq_core.edits.reasons import Leftover, Reason
from lintseq_core.edits.sequence import Compat, EditSequence, Method
from lintseq_core.errors import LintSeqError
from lintseq_core.linting import Linter, get_linter
from lintseq_core.programs import Program
from lintseq_core.seeds import path_rng

UPSTREAM_MAX_EDITS = 512  # the authors' max_depth: a longer path is cut, the rest is one edit


@dataclass(frozen=True, slots=True)
class SamplingConfig:
    """How lines are drawn and closed; the defaults are the paper's data."""

    indent_bias: int | None = 1
    """Weight of a line is max(tab width, bias * indent); None draws uniformly (the pseudo-code)."""
    compat: Compat | None = None
    """"upstream": the authors' package, with its defects (see `edits.upstream`)."""

    def __post_init__(self) -> None:
        if self.indent_bias is not None and self.indent_bias < 1:
            raise LintSeqError(f"indent_bias is {self.indent_bias}: use 1 or more, or None")
        if self.compat not in (None, "upstream"):
            raise LintSeqError(f"compat is {self.compat!r}: use 'upstream' or None")


def sample_lintseq(
    program: Program,
    *,
    linter: Linter | None = None,
    rng: Rng,
    config: SamplingConfig | None = None,
    on_deletion: Callable[[int], object] | None = None,
) -> EditSequence:
    """One edit sequence of `program`, drawn from `rng`, each state free of new findings.

    `linter` defaults to pyflakes. Uses one uniform of `rng` per closure. `on_deletion` is told how
    many lines are left after each. Lints the program about twice per edit. Raises LinterFailure.
    """
    linter = linter or get_linter("pyflakes")
    config = config or SamplingConfig()
    closures = list(_delete_all(program, linter, rng, config, on_deletion))
    births, reasons = _read_backwards(program, closures)
    return EditSequence(
        program=program,
        birth_steps=births,
        reasons=reasons,
        method="lintseq",
        linter_name=linter.name,
        linter_version=linter.version,
        indent_bias=config.indent_bias,
        compat=config.compat,
    )


def sample_path(
    program: Program,
    *,
    seed: int,
    path_index: int = 0,
    method: Method = "lintseq",
    linter: Linter | None = None,
    config: SamplingConfig | None = None,
    on_deletion: Callable[[int], object] | None = None,
) -> EditSequence:
    """Sequence number `path_index` of `program` under `seed`: the same here, in the command line
    and in a data set build, whatever else is sampled (`seeds.path_rng`)."""
    rng = path_rng(seed, program.id, path_index)
    if method == "randseq":
        sequence = sample_randseq(program, rng=rng)
    else:
        sequence = sample_lintseq(
            program, linter=linter, rng=rng, config=config, on_deletion=on_deletion
        )
    return replace(sequence, seed=seed, path_index=path_index)


def _delete_all(
    program: Program,
    linter: Linter,
    rng: Rng,
    config: SamplingConfig,
    on_deletion: Callable[[int], object] | None,
) -> list[Closure]:
    if config.compat == "upstream":
        candidates = upstream.upstream_candidates(program.lines)
        weights: Sequence[float] = upstream.upstream_weights(program.lines, config.indent_bias)
        dependents = upstream.indent_children(program.lines)
        draw, most = upstream.draw_upstream, UPSTREAM_MAX_EDITS
        known: frozenset[FindingKey] = frozenset()  # the authors count what was wrong before
    else:
        candidates = candidate_lines(program)
        weights = line_weights(program, config.indent_bias)
        dependents = program.structure.dependents
        draw, most = draw_weighted, len(program.lines)
        known = original_findings(program, linter)
    present = list(range(len(program.lines)))
    closures: list[Closure] = []
    while candidates and len(closures) < most:
        drawn = candidates[draw([weights[line] for line in candidates], rng)]
        closed = close_deletion(program, present, drawn, linter, known, dependents)
        present = [line for line in present if line not in closed.reasons]
        candidates = [line for line in candidates if line not in closed.reasons]
        closures.append(closed)
        if on_deletion is not None:
            on_deletion(len(present))
    return closures


def _read_backwards(
    program: Program, closures: Sequence[Closure]
) -> tuple[tuple[int, ...], tuple[Reason, ...]]:
    """Birth step and reason per line: the last deletion is the first edit but for the leftovers."""
    n_lines = len(program.lines)
    births = [0] * n_lines
    reasons: list[Reason] = [Leftover()] * n_lines
    n_leftover = n_lines - sum(len(closed.reasons) for closed in closures)
    last = len(closures) - 1 + (1 if n_leftover else 0)
    for deletion, closed in enumerate(closures):
        for line, reason in closed.reasons.items():
            births[line], reasons[line] = last - deletion, reason
    return tuple(births), tuple(reasons)

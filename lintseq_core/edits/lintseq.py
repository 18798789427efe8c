"""LintSeq's backward sampling: draw a line, delete its closure, until nothing is left to draw.

What a drawn line takes along is decided in `closure`; how a sequence is written for a model, in
`formats`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lintseq_core.edits import upstream
from lintseq_core.edits.closure import Closure, ReferenceState, State, close_deletion
from lintseq_core.edits.draws import Rng, candidates
from lintseq_core.edits.engines import Engine, open_state
from lintseq_core.edits.randseq import sample_randseq
from lintseq_core.edits.reasons import Leftover, Reason
from lintseq_core.edits.sequence import Compat, EditSequence, Method
from lintseq_core.errors import LintSeqError
from lintseq_core.linting import Linter, get_linter
from lintseq_core.programs import Program
from lintseq_core.seeds import path_rng

if TYPE_CHECKING:
    from lintseq_core.edits.incremental import HandOvers

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
    engine: Engine = "auto",
    hand_overs: HandOvers | None = None,
) -> EditSequence:
    """One edit sequence of `program`, drawn from `rng`, each state free of new findings.

    `linter` defaults to pyflakes, `engine` to the fastest that gives what the reference gives. Uses
    one uniform of `rng` per closure. `on_deletion` is told how many lines are left after each,
    `hand_overs` what the incremental engine leaves to the reference, which lints the program about
    twice per edit. Raises LinterFailure.
    """
    return _sample(
        program, linter, rng, config, on_deletion, engine, hand_overs, seed=None, path_index=None
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
    engine: Engine = "auto",
    hand_overs: HandOvers | None = None,
) -> EditSequence:
    """Sequence number `path_index` of `program` under `seed`.

    The same here, in the command line and in a data set build, whatever else is sampled
    (`seeds.path_rng`).
    """
    rng = path_rng(seed, program.id, path_index)
    if method == "randseq":
        return replace(sample_randseq(program, rng=rng), seed=seed, path_index=path_index)
    return _sample(
        program,
        linter,
        rng,
        config,
        on_deletion,
        engine,
        hand_overs,
        seed=seed,
        path_index=path_index,
    )


def sample_paths(
    program: Program,
    *,
    seed: int,
    n_paths: int,
    first_path: int = 0,
    method: Method = "lintseq",
    linter: Linter | None = None,
    config: SamplingConfig | None = None,
    engine: Engine = "auto",
    hand_overs: HandOvers | None = None,
) -> Iterator[EditSequence]:
    """`n_paths` sequences of `program` under `seed`, from index `first_path` on.

    The incremental engine analyses the program once for all of them.
    """
    linter = linter or get_linter("pyflakes")
    for path_index in range(first_path, first_path + n_paths):
        yield sample_path(
            program,
            seed=seed,
            path_index=path_index,
            method=method,
            linter=linter,
            config=config,
            engine=engine,
            hand_overs=hand_overs,
        )


def _sample(
    program: Program,
    linter: Linter | None,
    rng: Rng,
    config: SamplingConfig | None,
    on_deletion: Callable[[int], object] | None,
    engine: Engine,
    hand_overs: HandOvers | None,
    *,
    seed: int | None,
    path_index: int | None,
) -> EditSequence:
    linter = linter or get_linter("pyflakes")
    config = config or SamplingConfig()
    if config.compat == "upstream":
        closures = _delete_all_upstream(program, linter, rng, config, on_deletion)
    else:
        state = open_state(program, linter, engine=engine, hand_overs=hand_overs)
        closures = _delete_all(program, state, rng, config, on_deletion)
    births, reasons = _read_backwards(program, list(closures))
    return EditSequence(
        program=program,
        birth_steps=births,
        reasons=reasons,
        method="lintseq",
        linter_name=linter.name,
        linter_version=linter.version,
        indent_bias=config.indent_bias,
        compat=config.compat,
        seed=seed,
        path_index=path_index,
    )


def _delete_all(
    program: Program,
    state: State,
    rng: Rng,
    config: SamplingConfig,
    on_deletion: Callable[[int], object] | None,
) -> Iterator[Closure]:
    left = candidates(program, config.indent_bias)
    while left:
        drawn = left.draw(rng)
        closed = close_deletion(program, state, drawn, program.structure.dependents)
        left.discard(closed.reasons)
        if on_deletion is not None:
            on_deletion(state.n_present)
        yield closed


def _delete_all_upstream(
    program: Program,
    linter: Linter,
    rng: Rng,
    config: SamplingConfig,
    on_deletion: Callable[[int], object] | None,
) -> Iterator[Closure]:
    """As the authors do: their candidates, weights and children; what was wrong before counts."""
    left = upstream.upstream_candidates(program.lines)
    weights = upstream.upstream_weights(program.lines, config.indent_bias)
    children = upstream.indent_children(program.lines)
    state = ReferenceState(program, linter, known=frozenset())
    for _ in range(UPSTREAM_MAX_EDITS):
        if not left:
            return
        drawn = left[upstream.draw_upstream([weights[line] for line in left], rng)]
        closed = close_deletion(program, state, drawn, children)
        left = [line for line in left if line not in closed.reasons]
        if on_deletion is not None:
            on_deletion(state.n_present)
        yield closed


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

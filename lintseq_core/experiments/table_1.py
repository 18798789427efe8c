"""07, small models (table 1): the published table, and where our model of its size stands.

Our own numbers come from `small_models`, which trains SmolLM2-135M; this module puts them beside.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lintseq_core.experiments import recorded_models, small_models_arms
from lintseq_core.experiments.claims import Claim, Effect, Judgement, judge
from lintseq_core.experiments.profiles import Profile
from lintseq_core.metrics.intervals import mean_interval
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.paper import PublishedNumber, published

PLACES = ("Table 1", "Table 2")
BEATS = Claim(
    "On the paper's table, LintSeq improves TinyCodeLM in every cell: gains are above 0",
    "Tables 1 and 2 (v1), Table 1 (v3)",
)
OURS = Claim(
    "SmolLM2-135M taught edits solves more at pass@1 than taught whole programs",
    "as Table 1, on another model of its size",
)
CLAIMS = (BEATS, OURS)


def published_table() -> Frame:
    """model, variant, version and the four scores of the published tables, in their order."""
    numbers = [one for place in PLACES for one in published("pass@k", place=place)]
    keys = dict.fromkeys((one.version, one.model, one.variant) for one in numbers)
    value = {
        (one.version, one.model, one.variant, one.benchmark, one.k): one.value for one in numbers
    }
    rows = [
        {
            "model": model, "variant": variant, "version": version,
            **{
                f"{benchmark} pass@{k}": value.get((version, model, variant, benchmark, k))
                for benchmark in ("HumanEval", "MBPP(+)")
                for k in (1, 10)
            },
        }
        for version, model, variant in keys
    ]  # fmt: skip
    return frame_of(rows, tuple(rows[0]))


def bar_frame() -> Frame:
    """model (with its variant), k, score: HumanEval of version 1, for a figure."""
    rows = [
        {"model": f"{one.model} {one.variant}".strip(), "k": f"pass@{one.k}", "score": one.value}
        for place in PLACES
        for one in published("pass@k", version="v1", benchmark="HumanEval", place=place)
    ]
    return frame_of(rows, ("model", "k", "score"))


def command_frame(profile: Profile) -> Frame:
    """The commands of `small_models` at this profile, with the stage they belong to."""
    layout = small_models_arms.Layout(Path("runs") / "small_models" / profile)
    found = small_models_arms.commands(small_models_arms.PROFILES[profile], layout, device="auto")
    rows = [{"stage": one.stage, "command": str(one)} for one in found]
    return frame_of(rows, ("stage", "command"))


def published_judgements() -> tuple[Judgement, ...]:
    """The table's claim judged by its own cells."""
    gains = list(_gains())
    gain = Effect.from_interval(
        "Published score of LintSeqInstruct less that of Instruct",
        mean_interval(gains), scale=1, of="cells",
    )  # fmt: skip
    return (judge(BEATS, gain),)


def judgements() -> tuple[Judgement, ...]:
    """Published and recorded; of ours there are as many as recorded seeds and temperatures."""
    ours = recorded_models.recorded_judgements(OURS, "lintseq", "whole", 1)
    return (*published_judgements(), *ours)


def _gains() -> Iterator[float]:
    numbers: list[PublishedNumber] = [
        one for place in PLACES for one in published("pass@k", place=place)
    ]
    for one in numbers:
        for other in numbers:
            same = (one.version, one.benchmark, one.model, one.k) == (
                other.version, other.benchmark, other.model, other.k,
            )  # fmt: skip
            if same and (one.variant, other.variant) == ("LintSeqInstruct", "Instruct"):
                yield one.value - other.value

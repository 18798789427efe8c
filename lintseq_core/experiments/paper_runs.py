"""The paper's runs at full size: fine-tuning, pre-training and sampling, with their commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from lintseq_core.data.settings import Method
from lintseq_core.experiments.pipeline.arms import S
from lintseq_core.experiments.plans import (
    RunPlan,
    data_plan,
    parameters_of,
    sampling_plan,
    training_plan,
)
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.models.presets import find_preset
from lintseq_core.training.config import (
    PRETRAINING,
    DataChoice,
    fine_tuning_preset,
)

N_PROGRAMS = 88_900
"""Pairs of instruction and program after removal of copies (published, SEEN)."""
PRETRAINING_TOKENS = 72_000_000_000
LARGE = ("gemma-2-2b", "phi-3-mini", "llama-3.1-8b", "phi-3-medium")
SMALL = ("tinycodelm-150m", "tinycodelm-400m")
PAPER_NAMES = {
    "tinycodelm-150m": "TinyCodeLM 150M",
    "tinycodelm-400m": "TinyCodeLM 400M",
    "gemma-2-2b": "Gemma 2 2.6B",
    "phi-3-mini": "Phi-3 3.8B",
    "llama-3.1-8b": "Llama 3.1 8B",
    "phi-3-medium": "Phi-3 14B",
}
_EDIT_TOKENS, _WHOLE_TOKENS = 480, 300
_ASSUMED = (
    f"{_EDIT_TOKENS} tokens an edit example and {_WHOLE_TOKENS} a whole one, as in mined data",
)
_FSDP = "$(python -c 'import lintseq_core.training as t; print(t.__path__[0])')/fsdp.yaml"


@dataclass(frozen=True, slots=True)
class PaperSuite:
    """A benchmark as the paper samples for it."""

    benchmark: str
    name: str
    """In the paper."""
    n_problems: int
    n_samples: int
    tokens: float
    """Of a sample, mean; published for HumanEval, assumed elsewhere."""


HUMANEVAL = PaperSuite("humaneval", "HumanEval", 164, 50, 246)
MBPP = PaperSuite("mbppplus", "MBPP(+)", 278, 50, 200)
CODECONTESTS = PaperSuite("codecontests", "CodeContests", 165, 100, 400)
DS1000 = PaperSuite("ds1000", "DS-1000", 1_000, 1, 200)
BIGCODEBENCH = PaperSuite("bigcodebench", "BigCodeBench", 1_140, 1, 300)


SEQUENCES_PER_CPU_SECOND = {
    ("lintseq", "pyflakes"): 3_900.0,
    ("lintseq", "pylint"): 4.0,
    ("randseq", ""): 20_000.0,
    ("whole", ""): 20_000.0,
}
"""Measured: pyflakes and pylint in perf/RESULTS.md, with 5 sequences a program; the rest is reading
and writing."""


def data_plans(kinds: Sequence[tuple[Method, str]]) -> tuple[RunPlan, ...]:
    """The paper's 88,900 programs as each method and linter makes them data."""
    plans = []
    for method, linter in kinds:
        s = 1 if method == "whole" else S
        output = f"{method}.jsonl" if linter in ("", "pyflakes") else f"{method}-{linter}.jsonl"
        asked = f" --linter {linter}" if linter else ""
        plans.append(
            data_plan(
                f"{method}{f', {linter}' if linter else ''}, s = {s}",
                settings={
                    "programs": N_PROGRAMS, "sequences_a_program": s, "method": method,
                    "linter": linter or "none", "sequences": N_PROGRAMS * s,
                },
                n_sequences=N_PROGRAMS * s,
                tokens_per_sequence=_WHOLE_TOKENS if method == "whole" else _EDIT_TOKENS,
                sequences_per_cpu_second=SEQUENCES_PER_CPU_SECOND[method, linter],
                command=(
                    f"lintseq dataset build instructions.jsonl -o {output} -s {s} "
                    f"--method {method}{asked}"
                ),
            )
        )  # fmt: skip
    return tuple(plans)


def tuning_plans(models: Sequence[str], targets: Sequence[Method]) -> tuple[RunPlan, ...]:
    """Fine-tuning of each model on each target, as the authors' scripts have it."""
    return tuple(_tuning(model, target) for model in models for target in targets)


def _tuning(model: str, target: Method) -> RunPlan:
    known = fine_tuning_preset(model)
    optimization = known.optimization()
    is_whole = target == "whole"
    choice = DataChoice(target="whole" if is_whole else "edits")
    rows = N_PROGRAMS if is_whole else N_PROGRAMS * S
    epochs = choice.epochs_for(1 if is_whole else S)
    data = "whole.jsonl" if is_whole else f"{target}.jsonl"
    output = f"runs/{model}-{target}"
    tuned = f"train {data} -o {output} --model {model} --target {choice.target}"
    start = f"accelerate launch --config_file {_FSDP} --num_processes {known.gpus} -m"
    if known.gpus == 1:
        start = "python -m"
    preset = find_preset(model)
    assert preset is not None
    if parameters_of(preset.config) > 5e9:  # else an H100 is full to its last GB
        tuned += " --gradient-checkpointing"
    settings: dict[str, Any] = {
        **asdict(optimization), "epochs": epochs, "rows": rows, "sequences_a_program": S,
        "micro_batch": known.micro_batch, "model": preset.hub_id,
    }  # fmt: skip
    return training_plan(
        f"{PAPER_NAMES.get(model, model)}, fine-tuned on {target}",
        settings=settings,
        n_parameters=parameters_of(preset.config),
        steps=ceil(rows / optimization.batch_size) * epochs,
        tokens=float(rows * epochs * (_WHOLE_TOKENS if is_whole else _EDIT_TOKENS)),
        gpus=known.gpus,
        command=f"{start} lintseq_core {tuned} --micro-batch {known.micro_batch}",
        assumptions=_ASSUMED,
    )


def pretraining_plans() -> tuple[RunPlan, ...]:
    """Pre-training of both TinyCodeLM."""
    plans = []
    for model in SMALL:
        preset = find_preset(model)
        assert preset is not None
        per_step = PRETRAINING.batch_size * PRETRAINING.max_length
        plans.append(
            training_plan(
                f"{PAPER_NAMES[model]}, pre-trained",
                settings={**asdict(PRETRAINING), **preset.config, "tokens_a_step": per_step},
                n_parameters=parameters_of(preset.config),
                steps=ceil(PRETRAINING_TOKENS / per_step),
                tokens=float(PRETRAINING_TOKENS),
                gpus=4,
                command=(
                    "torchrun --nproc-per-node 4 -m lintseq_core pretrain "
                    "fineweb.jsonl.gz:10.4 the-stack-python.parquet:61.8 "
                    f"-o runs/{model} --model {model} --tokens {PRETRAINING_TOKENS} "
                    "--tokenizer allenai/OLMo-1B-hf"
                ),
                assumptions=(
                    "72 billion tokens in all: whether that is one pass or two is not settled",
                    "the shares of web text and code are from memory",
                ),
            )
        )
    return tuple(plans)


def sampling_plans(
    models: Sequence[str],
    targets: Sequence[Method],
    suites: Sequence[PaperSuite],
    every: Sequence[SamplingSettings],
) -> tuple[RunPlan, ...]:
    """Samples of each fine-tuned model, benchmark and setting, drawn with vLLM."""
    return tuple(
        _sampling(model, target, suite, sampling)
        for model in models
        for target in targets
        for suite in suites
        for sampling in every
    )


def _sampling(model: str, target: Method, suite: PaperSuite, sampling: SamplingSettings) -> RunPlan:
    preset = find_preset(model)
    assert preset is not None
    stepwise = "" if target == "whole" else " --stepwise"
    told = f"T{sampling.temperature:g}-p{sampling.top_p:g}-m{sampling.min_p:g}"
    output = f"samples/{model}-{target}-{suite.benchmark}-{told}"
    draw = (
        f"lintseq generate -b {suite.benchmark} --backend vllm --model runs/{model}-{target}/model"
        f"{stepwise} -n {suite.n_samples} --temperature {sampling.temperature:g} "
        f"--top-p {sampling.top_p:g} --min-p {sampling.min_p:g} "
        f"--max-tokens {sampling.max_tokens} -o {output}"
    )
    judge = (
        f"lintseq evaluate {output}/samples.jsonl -b {suite.benchmark} -o {output}.jsonl "
        "--allow-execution"
    )
    return sampling_plan(
        f"{PAPER_NAMES.get(model, model)} on {target}, {suite.name}",
        settings={
            **asdict(sampling), "samples_per_problem": suite.n_samples,
            "problems": suite.n_problems,
        },
        n_parameters=parameters_of(preset.config),
        n_problems=suite.n_problems,
        n_samples=suite.n_samples,
        tokens_per_sample=suite.tokens,
        command=f"{draw} && {judge}",
    )  # fmt: skip


def plan_frame(plans: Sequence[RunPlan]) -> Any:
    """A row a run: parameters, steps, tokens, FLOPs, hours; without columns that none has."""
    from lintseq_core.results.frames import frame_of

    rows = [
        {
            "run": one.name, "parameters": one.n_parameters or None, "steps": one.steps or None,
            "tokens": f"{one.tokens:.3g}", "FLOPs": f"{one.flops:.3g}" if one.flops else None,
            "GPUs": one.gpus or None, "GPU hours, about": one.gpu_hours or None,
            "CPU hours, about": one.cpu_hours or None,
        }
        for one in plans
    ]  # fmt: skip
    kept = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    return frame_of([{name: row[name] for name in kept} for row in rows], tuple(kept))

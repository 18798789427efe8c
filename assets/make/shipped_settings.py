"""How the two adapters that ship are trained and what they are called; used by all `shipped_*`."""

from __future__ import annotations

from lintseq_core.experiments.small_models_arms import Arm, Settings

NAME = "shipped_adapters"
SETTINGS = Settings(
    model="smollm2-135m", steps=100, batch_size=16, micro_batch=1, learning_rate=1e-3,
    precision="bf16", lora_rank=8, max_length=512, n_mined=1_500,
    max_prompt_tokens=120, max_program_tokens=150,
    arms=(Arm("lintseq", "edits"), Arm("whole", "whole")), suites=(),
    n_samples=20, temperatures=(0.8,), max_tokens=200,
)  # fmt: skip
ADAPTERS = {"lintseq": "smollm2-135m-lintseq", "whole": "smollm2-135m-whole"}
"""Arm -> the short name of its adapter."""
N_TRACED = 4
"""Samples of each problem whose every step ships; of the other samples only the program."""

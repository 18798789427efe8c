"""Tokens per CPU second of sampling n=20, and of stepping through edits, against model.generate.

    python perf/generation.py

One thread, so that a shared machine disturbs both sides alike. No sample may end early: both sides
draw the same number of tokens, at temperature 1 and top-p 0.95, after the same prompt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tables import Table, best_cpu_s

from lintseq_core import get_linter
from lintseq_core.generation.language_model import LanguageModel, language_model
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.stepwise import generate_stepwise
from lintseq_core.generation.whole import generate_whole
from lintseq_core.models.load import load_model
from lintseq_core.models.smollm2 import smollm2_folder

INSTRUCTION = (
    "Write a function `count_vowels(text: str) -> dict[str, int]` that counts each vowel of a "
    "text, whatever its case, and returns only those that occur. Give a short example of its use."
)
N_SAMPLES = 20
BATCH_LEAST, SINGLE_MOST = 3.0, 1.3


def _peer(model: Any, prompt: list[int], n_tokens: int, n_samples: int, at_once: int) -> None:
    """`model.generate` for `n_samples`, `at_once` of them a call."""
    ids = torch.tensor([prompt])
    for _ in range(n_samples // at_once):
        model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            do_sample=True,
            temperature=1.0,
            top_p=0.95,
            top_k=0,
            min_new_tokens=n_tokens,
            max_new_tokens=n_tokens,
            num_return_sequences=at_once,
        )


def _endless(model: LanguageModel) -> LanguageModel:
    """`model` without an end, and with the prompt of edits for whole programs too."""
    return replace(model, eos_ids=frozenset(), chat_ids=None)


def measure_model(table: Table, name: str, *, n_tokens: int, n_calls: int, repeats: int) -> None:
    """Adds rows for one model; `n_calls`: how many one-sample calls of the peer are timed."""
    loaded = load_model(name, dtype="float32", device="cpu")
    model = _endless(language_model(loaded))
    settings = SamplingSettings(temperature=1.0, top_p=0.95, max_tokens=n_tokens)
    prompt = model.whole_prompt(INSTRUCTION)
    linter = get_linter("pyflakes")

    def whole(n_samples: int) -> None:
        for end in generate_whole(model, INSTRUCTION, settings=settings, n_samples=n_samples):
            assert end.n_tokens == n_tokens, end

    def stepwise() -> None:
        for _ in generate_stepwise(model, INSTRUCTION, settings=settings, linter=linter):
            pass

    def rate(run: Callable[[], None], n_samples: int) -> float:
        return n_samples * n_tokens / best_cpu_s(run, repeats)

    rate(lambda: whole(1), 1)  # the first call of anything is slow
    rate(lambda: _peer(loaded.model, prompt, 8, 1, 1), 1)
    alone = rate(lambda: _peer(loaded.model, prompt, n_tokens, 1, 1), 1)
    stepping = rate(stepwise, 1)
    each = rate(lambda: _peer(loaded.model, prompt, n_tokens, n_calls, 1), n_calls)
    together = rate(lambda: _peer(loaded.model, prompt, n_tokens, N_SAMPLES, N_SAMPLES), N_SAMPLES)
    batch = rate(lambda: whole(N_SAMPLES), N_SAMPLES)
    for what, n_samples, found in (
        (f"model.generate, one call a sample ({n_calls} timed)", N_SAMPLES, each),
        ("model.generate(num_return_sequences=20)", N_SAMPLES, together),
        ("generate_whole", N_SAMPLES, batch),
        ("model.generate", 1, alone),
        ("generate_stepwise", 1, stepping),
    ):
        peer = each if n_samples > 1 else alone
        table.add(
            loaded.name, what, str(n_samples), str(n_tokens), f"{found:,.1f}", f"{found / peer:.2f}"
        )
    table.judge(
        f"{name}: n={N_SAMPLES} against a call a sample", batch / each,
        f"at least {BATCH_LEAST}", holds=batch / each >= BATCH_LEAST, unit="x",
    )  # fmt: skip
    table.judge(
        f"{name}: time of stepping against generate", alone / stepping,
        f"at most {SINGLE_MOST}", holds=alone / stepping <= SINGLE_MOST, unit="x",
    )  # fmt: skip


def measure(folder: Path) -> Table:
    table = Table(
        "Generated tokens per CPU second, one thread, float32",
        ["model", "how", "samples", "tokens each", "tokens / CPU s", "x generate"],
    )
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        measure_model(table, "tiny", n_tokens=128, n_calls=N_SAMPLES, repeats=3)
        if (smollm2_folder() / "config.json").is_file():
            measure_model(table, "smollm2-135m", n_tokens=64, n_calls=4, repeats=1)
        else:
            table.notes.append("smollm2-135m is not here: lintseq models fetch smollm2-135m")
    finally:
        torch.set_num_threads(before)
    return table


if __name__ == "__main__":
    print(measure(Path()).markdown())

"""A pocket model of random weights in a folder, as a training run would leave it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from lintseq_core.models.load import fresh_model
from lintseq_core.models.loaded import LoadedModel
from lintseq_core.models.pocket.folder import compact_pocket
from lintseq_core.models.presets import find_preset
from lintseq_core.models.task_tokenizer import train_tokenizer

ROOT = Path(__file__).resolve().parents[4]


def task_texts() -> Iterator[str]:
    """Functions of this package, each behind its docstring: instructions and programs."""
    for path in sorted((ROOT / "lintseq_core" / "edits").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                yield f"{ast.get_docstring(node) or ''}\n{ast.get_source_segment(text, node)}\n"


def pocket_model(seed: int = 0) -> LoadedModel:
    """Random weights, so much larger than at the start of training that logits are as large as
    those of a trained model."""
    import torch

    preset = find_preset("pocket")
    assert preset is not None
    tokenizer = train_tokenizer(task_texts(), n_tokens=768, context_length=1_024)
    loaded = fresh_model(preset, tokenizer, seed=seed)
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        for weight in loaded.model.parameters():
            is_table = weight.shape[0] == preset.config["vocab_size"]
            scale = 12 if is_table else 4 if weight.ndim == 2 else torch.rand_like(weight) + 0.5
            weight.mul_(scale)
    return loaded


def save_pocket(folder: Path, seed: int = 0) -> Path:
    """The folder of a model with weights in float16."""
    loaded = pocket_model(seed)
    loaded.model.save_pretrained(folder / "float32")
    loaded.tokenizer.save_pretrained(folder / "float32")
    compact_pocket(folder / "float32", folder / "float16")
    return folder / "float16"

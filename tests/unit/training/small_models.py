"""Small models of random weights, of any class that transformers has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from lintseq_core.models.load import load_model
from lintseq_core.models.loaded import LoadedModel
from lintseq_core.models.presets import PRESETS, Preset
from lintseq_core.models.tiny import tiny_tokenizer

WINDOW = 8
SMALL: dict[str, Any] = {
    "vocab_size": 259,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "bos_token_id": None,
    "eos_token_id": 256,
    "pad_token_id": 257,
    "max_position_embeddings": 1_024,
}
PRESET_NAMES = [preset.name for preset in PRESETS]


def small_config(kind: str, fields: dict[str, Any]) -> Any:
    """A configuration of the model type `kind`, whose sliding window, if any, is `WINDOW` tokens."""
    config = AutoConfig.for_model(kind, **fields | SMALL)
    if hasattr(config, "sliding_window"):
        config.sliding_window = WINDOW
    return config


def small_preset_config(preset: Preset) -> Any:
    """That of `preset`, of few and small layers."""
    fields = {name: value for name, value in preset.config.items() if name != "model_type"}
    return small_config(preset.config["model_type"], fields | {"head_dim": 8})


def small_model(config: Any, *, attention: str | None = None, seed: int = 0) -> Any:
    """A model of random weights in float64, in evaluation mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = AutoModelForCausalLM.from_config(config, attn_implementation=attention)
    return model.to(torch.float64).eval()


def saved(folder: Path, model: Any) -> LoadedModel:
    """`model` with one token a byte, written to `folder` and loaded as a user's model is."""
    model.save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return load_model(str(folder), dtype="float64")

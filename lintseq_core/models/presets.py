"""The models known by a short name, each with its configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from lintseq_core.models.extra import import_transformers
from lintseq_core.models.pocket.folder import KIND
from lintseq_core.models.tiny import TINY_CONFIG
from lintseq_core.models.tinycodelm import TINYCODELM_3M, TINYCODELM_150M, TINYCODELM_400M

Origin = Literal["built in", "data", "fetch", "shipped", "Hub"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A model with a short name."""

    name: str
    origin: Origin
    """"built in": nothing to get; "data": random weights, and a tokenizer that is trained on the
    data; "fetch": `lintseq models fetch`; "shipped": an adapter in assets/adapters, beside its
    base; "Hub": `hub_id` there."""
    hub_id: str
    """Name on the Hugging Face Hub; "" for none."""
    config: dict[str, Any]
    """Fields of the transformers configuration; `model_type` names its class."""
    summary: str


POCKET: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 768,
    "hidden_size": 128,
    "intermediate_size": 352,  # weights in float16 and tokenizer stay below 1.7 MB
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,  # half the cache: it bounds the speed of many rows at once
    "max_position_embeddings": 1_024,
    "tie_word_embeddings": True,
    "bos_token_id": None,
    "lintseq_kind": KIND,
}
SMOLLM2_135M: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 49_152,
    "hidden_size": 576,
    "intermediate_size": 1_536,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "tie_word_embeddings": True,
}
_PHI3: dict[str, Any] = {
    "model_type": "phi3",
    "vocab_size": 32_064,
    "tie_word_embeddings": False,
    "pad_token_id": 32_000,
}
_GEMMA_2: dict[str, Any] = {
    "model_type": "gemma2",
    "vocab_size": 256_000,
    "hidden_size": 2_304,
    "intermediate_size": 9_216,
    "num_hidden_layers": 26,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 256,
    "tie_word_embeddings": True,
}
_PHI3_MINI = _PHI3 | {
    "hidden_size": 3_072,
    "intermediate_size": 8_192,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
}
_LLAMA_31_8B: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 128_256,
    "hidden_size": 4_096,
    "intermediate_size": 14_336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "tie_word_embeddings": False,
}
_PHI3_MEDIUM = _PHI3 | {
    "hidden_size": 5_120,
    "intermediate_size": 17_920,
    "num_hidden_layers": 40,
    "num_attention_heads": 40,
    "num_key_value_heads": 10,
}

PRESETS: tuple[Preset, ...] = (
    Preset("tiny", "built in", "", TINY_CONFIG, "random weights, one token a byte: for tests"),
    Preset(
        "tinycodelm-3m", "built in", "", TINYCODELM_3M,
        "random weights, one token a byte: to pre-train on a CPU",
    ),
    Preset(
        "pocket", "data", "", POCKET, "random weights: to train in minutes, run by numpy"
    ),
    Preset(
        "smollm2-135m", "fetch", "HuggingFaceTB/SmolLM2-135M-Instruct", SMOLLM2_135M,
        "small general model; runs on a laptop",
    ),
    Preset(
        "smollm2-135m-lintseq", "shipped", "", SMOLLM2_135M | {"vocab_size": 49_168},
        "writes edits; needs smollm2-135m",
    ),
    Preset(
        "smollm2-135m-whole", "shipped", "", SMOLLM2_135M | {"vocab_size": 49_168},
        "its twin: writes whole programs",
    ),
    Preset(
        "tinycodelm-150m", "Hub", "upiter/TinyCodeLM-150M", TINYCODELM_150M, "the paper's, Table 1"
    ),
    Preset(
        "tinycodelm-400m", "Hub", "upiter/TinyCodeLM-400M", TINYCODELM_400M, "the paper's, Table 1"
    ),
    Preset("gemma-2-2b", "Hub", "google/gemma-2-2b", _GEMMA_2, "fine-tuned in the paper"),
    Preset(
        "phi-3-mini", "Hub", "microsoft/Phi-3-mini-4k-instruct", _PHI3_MINI,
        "fine-tuned in the paper",
    ),
    Preset(
        "llama-3.1-8b", "Hub", "meta-llama/Meta-Llama-3.1-8B", _LLAMA_31_8B,
        "fine-tuned in the paper",
    ),
    Preset(
        "phi-3-medium", "Hub", "microsoft/Phi-3-medium-4k-instruct", _PHI3_MEDIUM,
        "fine-tuned in the paper",
    ),
)  # fmt: skip


def find_preset(name: str) -> Preset | None:
    """The preset called `name`, or None: `name` may be a path or a name on the Hub."""
    return next((preset for preset in PRESETS if preset.name == name), None)


def preset_config(preset: Preset, **changes: Any) -> Any:
    """The transformers configuration of `preset`, with `changes`."""
    transformers = import_transformers()
    fields = {name: value for name, value in preset.config.items() if name != "model_type"}
    return transformers.AutoConfig.for_model(preset.config["model_type"], **(fields | changes))


def count_parameters(preset: Preset) -> int:
    """Parameters of the model, tied ones once, counted on the module without its memory."""
    transformers = import_transformers()
    import torch

    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(preset_config(preset))
    return sum(parameter.numel() for parameter in model.parameters())

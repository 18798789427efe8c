"""The architectures of TinyCodeLM, the paper's own small models.

Paper: the OLMo architecture in the shapes of the two smallest GPT-2. No published text gives the
other fields; SwiGLU of four times the width, tied embeddings and 50,304 rows give the parameter
counts that the sizes of the published weights imply.
"""

from __future__ import annotations

from typing import Any

_COMMON: dict[str, Any] = {
    "model_type": "olmo",
    "vocab_size": 50_304,
    "max_position_embeddings": 1_024,
    "tie_word_embeddings": True,
    "attention_bias": False,
    "bos_token_id": None,
    "eos_token_id": 50_279,
    "pad_token_id": 1,
}
TINYCODELM_150M: dict[str, Any] = _COMMON | {
    "hidden_size": 768,
    "intermediate_size": 3_072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
}
TINYCODELM_3M: dict[str, Any] = _COMMON | {
    "vocab_size": 259,  # one token a byte: 50,304 rows would be most of the model
    "hidden_size": 192,
    "intermediate_size": 768,
    "num_hidden_layers": 5,
    "num_attention_heads": 6,
    "eos_token_id": 256,
    "pad_token_id": 257,
}
"""Ours: a shape that half an hour of a laptop teaches something."""
TINYCODELM_400M: dict[str, Any] = _COMMON | {
    "hidden_size": 1_024,
    "intermediate_size": 4_096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
}

"""A model of random weights and a tokenizer of bytes: every path of a real one, in milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lintseq_core.edits.formats import DIFF_MARKER
from lintseq_core.models.byte_tokens import EOS, PAD, byte_characters
from lintseq_core.models.extra import import_transformers

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

TINY_CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "vocab_size": 259,  # 256 bytes, EOS, PAD, the marker
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
    "tie_word_embeddings": True,
    "bos_token_id": None,
    "eos_token_id": 256,
    "pad_token_id": 257,
}


def load_tiny(seed: int = 0, dtype: str = "float32") -> tuple[LlamaForCausalLM, Any]:
    """A Llama of random weights, the same for every `seed`, and its tokenizer.

    In evaluation mode, on the CPU. The global generator of torch is left as it was.
    """
    transformers = import_transformers()
    import torch

    settings = {name: value for name, value in TINY_CONFIG.items() if name != "model_type"}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**settings))
    return model.to(getattr(torch, dtype)).eval(), tiny_tokenizer()


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """One token a byte, with character offsets, an end, a padding token and `<|diff|>`."""
    transformers = import_transformers()
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

    # The alphabet of byte-level tokenizers: printable bytes stand for themselves.
    vocabulary = {character: byte for byte, character in enumerate(byte_characters())}
    backend = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.post_processor = processors.ByteLevel(trim_offsets=False)
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens([EOS, PAD])
    backend.add_tokens([AddedToken(DIFF_MARKER, normalized=False, special=False)])
    tokenizer: PreTrainedTokenizerFast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend,
        eos_token=EOS,
        pad_token=PAD,
        clean_up_tokenization_spaces=False,
        model_max_length=TINY_CONFIG["max_position_embeddings"],
    )
    return tokenizer

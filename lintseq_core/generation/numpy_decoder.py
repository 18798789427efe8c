"""A pocket model as a decoder: numpy alone."""

from __future__ import annotations

from collections.abc import Sequence

from lintseq_core.generation.language_model import LanguageModel
from lintseq_core.generation.numpy_draws import draw_tokens, mask_logits
from lintseq_core.models.pocket.folder import PocketModel
from lintseq_core.models.pocket.network import Floats, Network, PocketRows


class NumpyDecoder:
    """Runs a pocket model's network."""

    draw = staticmethod(draw_tokens)
    mask = staticmethod(mask_logits)
    mixes_prompts = True

    def __init__(self, network: Network) -> None:
        self._network = network

    def start(
        self, prompts: Sequence[Sequence[int]], n_rows: Sequence[int]
    ) -> tuple[Floats, PocketRows]:
        """Logits after each prompt, (prompts, vocabulary), and rows that have read them."""
        return self._network.read(prompts, n_rows)


def pocket_language_model(model: PocketModel) -> LanguageModel:
    """The pocket model `model`, ready to be sampled from."""
    tokenizer = model.tokenizer
    return LanguageModel(
        name=model.name,
        prompt_ids=tokenizer.prompt_ids,
        decode=tokenizer.decode,
        eos_ids=frozenset([tokenizer.eos_id]),
        context_length=model.context_length,
        token_texts=lambda: tokenizer.vocabulary(model.name),
        decoder=NumpyDecoder(model.network),
    )

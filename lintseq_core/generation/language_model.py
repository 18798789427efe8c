"""What generation needs of a model: its decoder, its prompts, its text, where it stops.

Functions stand for model and tokenizer, so that tests and other backends bring their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from lintseq_core.edits.formats.vocabulary import Vocabulary
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.sampling import Decoder
from lintseq_core.models.pocket.folder import PocketModel

if TYPE_CHECKING:
    from lintseq_core.models.loaded import LoadedModel
    from lintseq_core.models.tokens import TextEncoder

_PLACEHOLDER = "LINTSEQ-INSTRUCTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelText:
    """How a model's prompts are written and its tokens read."""

    name: str
    prompt_ids: Callable[[str, bool], list[int]]
    """Token ids of an instruction; True: and of the marker that begins the first edit."""
    decode: Callable[[Sequence[int]], str]
    eos_ids: frozenset[int]
    """Any of them ends a text."""
    context_length: int
    """The most tokens that prompt and continuation may have."""
    chat_ids: Callable[[str], list[int]] | None = None
    """Token ids of a chat that asks an instruction, where the tokenizer has a chat template."""
    token_texts: Callable[[], Vocabulary] | None = None
    """The texts of its tokens, for masks; None: they are not known."""

    def stepwise_prompt(self, instruction: str) -> list[int]:
        """The instruction, and the marker that begins the first edit (paper, evaluation)."""
        return self._checked(self.prompt_ids(instruction, True), instruction)

    def whole_prompt(self, instruction: str) -> list[int]:
        """The instruction in the model's chat template; without one, on lines of its own."""
        ids = self.chat_ids(instruction) if self.chat_ids else self.prompt_ids(instruction, False)
        return self._checked(ids, instruction)

    def vocabulary(self) -> Vocabulary:
        """The texts of its tokens. LintSeqError where a mask cannot go by them."""
        if self.token_texts is None:
            raise LintSeqError(f"{self.name}: the texts of its tokens are not known to mask them")
        return self.token_texts()

    def _checked(self, prompt_ids: list[int], instruction: str) -> list[int]:
        if not instruction.strip():
            raise LintSeqError("the instruction is empty; say what to write")
        if len(prompt_ids) >= self.context_length:
            raise LintSeqError(
                f"the prompt has {len(prompt_ids):,} tokens, and the context of {self.name} is "
                f"{self.context_length:,}: shorten the instruction, or choose another model"
            )
        return prompt_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageModel(ModelText):
    """A model ready to be sampled from, token by token."""

    decoder: Decoder


def language_model(loaded: LoadedModel | PocketModel) -> LanguageModel:
    """The model `loaded`, ready to be sampled from: by transformers, a pocket model by numpy."""
    if isinstance(loaded, PocketModel):
        from lintseq_core.generation.numpy_decoder import pocket_language_model

        return pocket_language_model(loaded)
    from lintseq_core.generation.decoder import TransformersDecoder

    text = model_text(
        loaded.name,
        loaded.tokenizer,
        loaded.encoder,
        context_length=loaded.context_length,
        generation_config=getattr(loaded.model, "generation_config", None),
    )
    # A table of embeddings is padded, and the rows beyond the tokenizer's are no token.
    decoder = TransformersDecoder(loaded.model, n_tokens=len(loaded.tokenizer))
    values = {field.name: getattr(text, field.name) for field in fields(text)}
    return LanguageModel(decoder=decoder, **values)


def model_text(
    name: str,
    tokenizer: Any,
    encoder: TextEncoder,
    *,
    context_length: int,
    generation_config: Any = None,
) -> ModelText:
    """Prompts and text of a model with a tokenizer of transformers."""
    eos_ids = _eos_ids(encoder.eos_id, generation_config)
    return ModelText(
        name=name,
        prompt_ids=lambda instruction, edits: encoder.prompt_ids(instruction, edits=edits),
        decode=encoder.decode,
        eos_ids=eos_ids,
        context_length=context_length,
        token_texts=lambda: encoder.vocabulary(eos_ids),
        chat_ids=(
            (lambda instruction: _chat_ids(tokenizer, encoder, instruction))
            if getattr(tokenizer, "chat_template", None)
            else None
        ),
    )


def _eos_ids(eos_id: int, generation_config: Any) -> frozenset[int]:
    """The tokenizer's, and those that the model's generation settings add (Llama 3 has three)."""
    more = getattr(generation_config, "eos_token_id", None)
    listed = [] if more is None else [more] if isinstance(more, int) else list(more)
    return frozenset([eos_id, *listed])


def _chat_ids(tokenizer: Any, encoder: TextEncoder, instruction: str) -> list[int]:
    """One turn of the user's, and the start of the answer.

    An instruction that spells a special token ("<|im_end|>") is encoded apart, as plain text.
    """
    spells_special = any(token in instruction for token in tokenizer.all_special_tokens)
    said = _PLACEHOLDER if spells_special else instruction
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": said}], tokenize=False, add_generation_prompt=True
    )
    if not spells_special:
        return list(tokenizer(text, add_special_tokens=False).input_ids)
    before, _, after = text.partition(_PLACEHOLDER)
    ends = [tokenizer(part, add_special_tokens=False).input_ids for part in (before, after)]
    return [*ends[0], *encoder.encode([instruction], continued=True)[0], *ends[1]]

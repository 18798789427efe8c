"""A model in memory, with all that is needed to train it or to have it write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lintseq_core.edits.formats import EditFormatName

if TYPE_CHECKING:
    from lintseq_core.models.tokens import TextEncoder

EDIT_FORMAT = "lintseq_edit_format"
"""Where the config.json of a model says what it was trained to write edits in."""


@dataclass(frozen=True, slots=True)
class ModelOutline:
    """A model without its weights: what a run on it can be planned with."""

    config: Any
    """As transformers has it."""
    tokenizer: Any
    encoder: TextEncoder
    name: str
    revision: str | None
    context_length: int


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model ready to train or to generate, and how to write text for it."""

    model: Any
    """A transformers causal language model, in evaluation mode."""
    tokenizer: Any
    encoder: TextEncoder
    name: str
    """As it was asked for."""
    revision: str | None
    context_length: int
    """The most tokens that prompt and continuation may have."""
    marker_was_added: bool
    """True: the row of `<|diff|>` is untrained."""
    edit_format: EditFormatName | None = None
    """What it was trained to write edits in; None: it does not say, as models of others."""

"""A model of random weights, with a tokenizer from the data that it is to be trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintseq_core.training.examples import read_examples

if TYPE_CHECKING:
    from lintseq_core.models.load import DType
    from lintseq_core.models.loaded import LoadedModel
    from lintseq_core.models.presets import Preset


def task_texts(paths: Sequence[Path]) -> Iterator[str]:
    """Each instruction of the data sets at `paths` with its program, once however often it comes.

    Edits are left out, so a data set has one tokenizer whatever its model is to write.
    """
    for path in paths:
        for example in read_examples(path, "whole"):
            yield f"{example.instruction}\n{example.program}"


def task_tokenizer(preset: Preset, paths: Sequence[Path]) -> Any:
    """A tokenizer for a model in the shape of `preset`, trained on the data sets at `paths`."""
    from lintseq_core.models.task_tokenizer import train_tokenizer

    config = preset.config
    return train_tokenizer(
        task_texts(paths),
        n_tokens=config["vocab_size"],
        context_length=config["max_position_embeddings"],
    )


def new_task_model(
    preset: Preset, paths: Sequence[Path], *, dtype: DType = "float32", seed: int = 0
) -> LoadedModel:
    """Random weights in the shape of `preset`, and a tokenizer trained on the data at `paths`."""
    from lintseq_core.models.load import fresh_model

    return fresh_model(preset, task_tokenizer(preset, paths), dtype=dtype, seed=seed)

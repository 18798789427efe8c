"""A base and its adapter as one folder that needs no peft."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lintseq_core.models.adapters import adapter_base, merge_adapter
from lintseq_core.models.errors import ModelError
from lintseq_core.models.load import find_adapter, load_model
from lintseq_core.models.loaded import EDIT_FORMAT

if TYPE_CHECKING:
    from lintseq_core.models.load import DType

_CARD = "README.md"


def write_merged(
    adapter: str, output: Path, *, base: str | None = None, dtype: DType = "bfloat16"
) -> None:
    """Write the model that `adapter` makes of its base to the folder `output`.

    `base`: where the base is; None: as the adapter says. Sums are made in float32 and then rounded
    to `dtype`. ModelError for an adapter of another base, or an `output` that holds a model.
    """
    folder = find_adapter(adapter)
    if folder is None:
        raise ModelError(
            f"{adapter}: not an adapter; give the folder that 'lintseq train --lora' left"
        )
    if (output / "config.json").exists():
        raise ModelError(f"{output} holds a model already; give another folder")
    loaded = load_model(base or adapter_base(folder), dtype="float32")
    merged = merge_adapter(loaded, folder)
    import torch

    setattr(merged.model.config, EDIT_FORMAT, merged.edit_format)
    output.mkdir(parents=True, exist_ok=True)
    merged.model.to(getattr(torch, dtype)).save_pretrained(output, max_shard_size="1TB")
    merged.tokenizer.save_pretrained(output)
    if (folder / _CARD).is_file():
        card = (folder / _CARD).read_text(encoding="utf-8")
        merged_card = f"{card}\nMerged into its base, so it needs no base any more.\n"
        (output / _CARD).write_text(merged_card, encoding="utf-8")

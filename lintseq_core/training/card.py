"""The model card that a run leaves beside its weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintseq_core import __version__
from lintseq_core.edits.formats import UNIFIED

if TYPE_CHECKING:
    from lintseq_core.training.checkpoint import RunState
    from lintseq_core.training.config import Optimization

CARD = "README.md"


def model_card(
    base: str, state: RunState, best: tuple[int, float] | None, optimization: Optimization
) -> str:
    """Markdown as model hubs show it: what the model writes, how it is asked, how it was trained.

    `base`: the model that was trained on, or its shape; of a path only its last part is told.
    `best`: step and held-out loss of the weights, where they are not those of the last step.
    """
    settings = state.settings
    named = Path(base).name if Path(base).exists() else base
    rows: dict[str, Any] = {
        "base": named + _revision(settings),
        "writes": _writes(settings),
        "asked": _asked(settings),
        "training": f"{state.step:,} steps, {state.trained_tokens:,} trained tokens",
        "learning rate": f"{optimization.learning_rate:g}, {optimization.schedule}",
        "batch": f"{optimization.batch_size:,} rows of at most {optimization.max_length:,} tokens",
        "optimizer": f"{optimization.optimizer}, weight decay {optimization.weight_decay:g}",
        "precision, seed": f"{optimization.precision}, {optimization.seed}",
        "data": f"sha256 of its encoded examples begins {settings.get('data', '?')}",
    }
    if optimization.lora_rank is not None:
        rows["adapter"] = f"LoRA of rank {optimization.lora_rank}; needs the base"
    if best is not None:
        rows["weights of"] = f"step {best[0]:,}, of the lowest held-out loss"
    told = dict(state.held_out)
    loss = told.get(best[0] if best is not None else state.step)
    if loss is not None:
        rows["held-out loss"] = f"{loss:.4f} nats a token"
    table = "".join(f"| {name} | {value} |\n" for name, value in rows.items())
    writes_edits = settings.get("kind") == "fine-tuning" and settings.get("target") != "whole"
    stepwise = " --stepwise" if writes_edits else ""
    return (
        "---\n"
        "library_name: transformers\n"
        "tags: [code, lintseq]\n"
        "---\n"
        f"# {named}, trained with lintseq-core {__version__}\n\n"
        f'```\nlintseq generate "Count vowels." --model FOLDER{stepwise}\n```\n\n'
        f"| | |\n|---|---|\n{table}\n"
        "Not evaluated by this card: `lintseq evaluate` scores what it writes. Which licence holds "
        "depends on the base and the data.\n"
    )


def _revision(settings: Mapping[str, Any]) -> str:
    revision = settings.get("revision")
    return f", revision {revision}" if revision else ""


def _writes(settings: Mapping[str, Any]) -> str:
    if settings.get("kind") != "fine-tuning":
        return "text and code that goes on"
    if settings.get("target") == "whole":
        return "whole programs"
    return f"edits, {settings.get('edit_format', UNIFIED)}"


def _asked(settings: Mapping[str, Any]) -> str:
    if settings.get("kind") != "fine-tuning":
        return "with the beginning of a text"
    if settings.get("in_chat"):
        return "with the instruction in its chat template"
    return "with the instruction and a line break; no chat template"

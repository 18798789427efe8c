"""Checkpoints: folders that `load_model` reads, with what a run needs to go on as if never stopped.

    OUT/checkpoints/step-000174/   weights, tokenizer, state.json, optimizer.pt

A folder appears only when it is complete. Only the newest keeps its optimizer.pt, which is twice
the weights; the others are for choosing the best epoch.
"""

from __future__ import annotations

import copy
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from lintseq_core.data.files import sync_folder
from lintseq_core.json_text import json_text
from lintseq_core.models.adapters import is_adapted, restore_adapter, save_adapter
from lintseq_core.models.tokens import CHAT
from lintseq_core.training.errors import CheckpointError

SCHEMA = 2
"""1: dropout was drawn from other seeds, and packed rows were masked in another way."""
_STATE, _OPTIMIZER = "state.json", "optimizer.pt"


@dataclass(frozen=True, slots=True)
class RunState:
    """How far a run has come, and what it is a run of."""

    step: int
    """Optimizer steps done."""
    trained_tokens: int
    tokens: int
    settings: dict[str, Any]
    """Everything that losses depend on; plain JSON values."""
    feed: dict[str, Any]
    """Where the data is, as the feed describes it."""
    held_out: tuple[tuple[int, float], ...] = ()
    """Step and held-out loss of each checkpoint so far."""


def save_checkpoint(
    folder: Path,
    state: RunState,
    *,
    model: Any,
    weights: Any,
    tokenizer: Any,
    optimizer: Any,
    keep: int | None = None,
    spared: int | None = None,
) -> Path:
    """Write the checkpoint of `state` below `folder`; `weights`, `optimizer` are state dicts.

    The newest `keep` stay (None: all), and the one of the step `spared`.
    """
    final = checkpoint_of(folder, state.step)
    work = folder / f".step-{state.step:06}.tmp"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    save_weights(work, model=model, weights=weights, tokenizer=tokenizer)
    torch.save(optimizer, work / _OPTIMIZER)
    (work / _STATE).write_text(json_text({"schema": SCHEMA} | asdict(state), indent=1))
    for path in work.iterdir():
        _sync(path)
    shutil.rmtree(final, ignore_errors=True)
    work.rename(final)
    sync_folder(folder)
    newest = sorted(folder.glob("step-*"), key=_step)[::-1]
    for place, older in enumerate(newest):
        if older == final:
            continue
        if keep is not None and place >= keep and _step(older) != spared:
            shutil.rmtree(older)
        else:
            (older / _OPTIMIZER).unlink(missing_ok=True)
    return final


def checkpoint_of(folder: Path, step: int) -> Path:
    """Where the checkpoint of `step` is, below `folder`."""
    return folder / f"step-{step:06}"


def copy_weights(checkpoint: Path, folder: Path) -> None:
    """Write what `save_weights` wrote into `checkpoint` to `folder`, in place of what is there."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(checkpoint, folder, ignore=shutil.ignore_patterns(_STATE, _OPTIMIZER))


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix("step-"))


def save_weights(folder: Path, *, model: Any, weights: Any, tokenizer: Any) -> None:
    """Write weights and tokenizer to `folder` as `load_model` reads them, weights in one file.

    Of a model with an adapter only the adapter. A chat template only where the model was trained in
    it: a model is asked as it was trained.
    """
    in_chat = CHAT in tokenizer.init_kwargs
    if is_adapted(model):
        save_adapter(folder, model, weights, in_chat=in_chat)
        return
    # Sharded, a tied weight is there under both names, and would be written twice.
    tied = getattr(model, "all_tied_weights_keys", {})
    weights = {name: weight for name, weight in weights.items() if name not in tied}
    model.save_pretrained(folder, state_dict=weights, max_shard_size="1TB")
    tokenizer = copy.copy(tokenizer)
    if not in_chat:
        tokenizer.chat_template = None
    tokenizer.save_pretrained(folder)


def latest_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint below `folder` that a run can go on from, or None."""
    whole = [path for path in folder.glob("step-*") if (path / _OPTIMIZER).is_file()]
    return max(whole, key=_step, default=None)


def read_state(checkpoint: Path, settings: dict[str, Any]) -> RunState:
    """The state in `checkpoint`; CheckpointError if a run with other `settings` made it."""
    try:
        record = json.loads((checkpoint / _STATE).read_text("utf-8"))
        schema = record.pop("schema")
        if schema != SCHEMA:
            raise CheckpointError(
                f"{checkpoint}: of another version of lintseq (schema {schema}, here {SCHEMA}), "
                "whose steps are not quite these; end the run with that version, or start afresh "
                "in another output folder"
            )
        held_out = tuple((int(step), float(loss)) for step, loss in record.pop("held_out", ()))
        state = RunState(**record, held_out=held_out)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"{checkpoint}: not a checkpoint that can be read ({error}); remove it"
        ) from None
    differences = [
        f"{name} was {state.settings.get(name)!r}, is {settings.get(name)!r}"
        for name in sorted(state.settings.keys() | settings.keys())
        if state.settings.get(name) != settings.get(name)
    ]
    if differences:
        raise CheckpointError(
            f"{checkpoint} is of another run: {'; '.join(differences)}. "
            "Use the same values, or another output folder"
        )
    return state


def restore_weights(checkpoint: Path, model: Any) -> None:
    """Put the weights of `checkpoint` into `model`, exactly as they were."""
    if is_adapted(model):
        restore_adapter(checkpoint, model)
        return
    from safetensors.torch import load_model

    load_model(model, checkpoint / "model.safetensors")


def read_optimizer(checkpoint: Path) -> Any:
    """The optimizer's state dict in `checkpoint`, on the CPU."""
    return torch.load(checkpoint / _OPTIMIZER, map_location="cpu", weights_only=True)


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())

"""Low-rank adapters (LoRA): small trained matrices beside weights that stay as they are.

An adapter is a folder that the package peft reads, adapter_config.json and
adapter_model.safetensors, with adapter_base.json, which names the model it belongs to. Where
`<|diff|>` is new to the model, its row of the embeddings is trained too. Loading merges everything
into the weights: what comes out is an ordinary model.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintseq_core.data.files import whole_file
from lintseq_core.edits.formats import EditFormatName, checked_format
from lintseq_core.json_text import json_text
from lintseq_core.models.errors import ModelError
from lintseq_core.models.extra import require_extra
from lintseq_core.models.loaded import EDIT_FORMAT
from lintseq_core.models.tokens import set_chat

if TYPE_CHECKING:
    from lintseq_core.models.loaded import LoadedModel
    from lintseq_core.models.presets import Preset

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
BASE = "adapter_base.json"
SCHEMA = 3
"""Of adapter_base.json; 1 has no edit format, which means the paper's. 3 is asked in a chat: others
are still written as 2, which earlier releases read."""
_HASHED = 64  # numbers of each matrix
ALPHA_PER_RANK = 2
"""The adapter counts twice: alpha = 2 r, as in most published recipes. The paper used no LoRA."""


def add_adapter(loaded: LoadedModel, *, rank: int, seed: int = 0) -> LoadedModel:
    """`loaded` with an untrained adapter on every linear layer; nothing else can be trained.

    The adapter changes nothing before it is trained. Its matrices are float32 where the model's
    weights have fewer bits. `seed` draws them.
    """
    require_extra("torch", "peft")
    import torch

    rows = [loaded.encoder.diff_id] if loaded.marker_was_added else None
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        base = base_sha256(loaded.model)
        model = adapter_on(loaded.model, rank=rank, trained_rows=rows)
        model.lintseq_base_sha256 = base
    # peft notes the folder of the weights, which is another on every machine.
    model.peft_config["default"].base_model_name_or_path = loaded.name
    return replace(loaded, model=model)


def adapter_on(model: Any, *, rank: int, trained_rows: list[int] | None) -> Any:
    """`model` as peft wraps it; `trained_rows` of its embeddings are trained too."""
    import peft

    settings = peft.LoraConfig(
        r=rank,
        lora_alpha=ALPHA_PER_RANK * rank,
        target_modules="all-linear",
        trainable_token_indices=trained_rows,
        task_type="CAUSAL_LM",
    )
    return peft.get_peft_model(model, settings)


def is_adapted(model: Any) -> bool:
    """Whether `model` came from `add_adapter`."""
    return hasattr(model, "peft_config")


def base_sha256(model: Any) -> str:
    """Tells the weights of one base from those of another: a hash of some of each matrix.

    The same however many bits the weights were loaded with: of bfloat16, which all can be made.
    """
    import torch

    digest = hashlib.sha256()
    for name, weight in model.named_parameters():
        some = weight.detach().flatten()[:_HASHED].to("cpu", torch.bfloat16).float()
        digest.update(f"{name} {weight.shape[1:]}\0".encode())
        digest.update(some.numpy().tobytes())
    return digest.hexdigest()


def save_adapter(
    folder: Path, model: Any, weights: dict[str, Any], *, in_chat: bool = False
) -> None:
    """Write the adapter of `model`, with the values in `weights`, as `merge_adapter` reads it."""
    model.save_pretrained(folder, state_dict=weights, save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)  # peft's card, with nothing filled in
    config = model.peft_config["default"]
    about: dict[str, Any] = {"schema": 2, "base": config.base_model_name_or_path}
    if in_chat:
        about |= {"schema": 3, "in_chat": True}
    about["base_sha256"] = model.lintseq_base_sha256
    if (edit_format := getattr(model.config, EDIT_FORMAT, None)) is not None:
        about["edit_format"] = edit_format
    with whole_file(folder / BASE) as file:
        file.write((json_text(about, indent=1) + "\n").encode())


def compact_adapter(folder: Path, target: Path) -> None:
    """Copy the adapter in `folder` to `target` with its matrices as bfloat16: half the size."""
    require_extra("torch")
    import torch
    from safetensors.torch import load_file, save_file

    target.mkdir(parents=True, exist_ok=True)
    weights = load_file(folder / WEIGHTS)
    small = {name: one.to(torch.bfloat16) for name, one in weights.items()}
    save_file(small, target / WEIGHTS, metadata={"format": "pt"})
    for name in (CONFIG, BASE):
        shutil.copyfile(folder / name, target / name)


def restore_adapter(folder: Path, model: Any) -> None:
    """Put the weights in `folder` into the adapter of `model`, exactly as they were."""
    import peft
    from safetensors.torch import load_file

    peft.set_peft_model_state_dict(model, load_file(folder / WEIGHTS))


def is_adapter(folder: Path) -> bool:
    """Whether `folder` holds an adapter and no whole model."""
    return (folder / CONFIG).is_file() and not (folder / "config.json").is_file()


def adapter_base(folder: Path) -> str:
    """The model that the adapter in `folder` belongs to; ModelError if it is not one of ours."""
    return str(_about(folder)["base"])


def adapter_format(folder: Path) -> EditFormatName | None:
    """The edit format of the adapter in `folder`; None: it does not say."""
    recorded = _about(folder).get("edit_format")
    return None if recorded is None else checked_format(recorded, str(folder))


def _about(folder: Path) -> dict[str, Any]:
    try:
        about = json.loads((folder / BASE).read_text(encoding="utf-8"))
        about["base"], schema = str(about["base"]), about.get("schema")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ModelError(
            f"{folder}: an adapter without {BASE}, so its base model and prompts are not known; "
            "give an adapter of 'lintseq train --lora', or merge it into a model with peft"
        ) from None
    if isinstance(schema, int) and schema > SCHEMA:
        raise ModelError(
            f"{folder}: {BASE} is of schema {schema}; this release reads 1 to {SCHEMA}: update "
            "lintseq-core"
        )
    found: dict[str, Any] = about
    return found


def merge_adapter(loaded: LoadedModel, folder: Path) -> LoadedModel:
    """`loaded`, the base, with the adapter in `folder` merged into its weights.

    A model with an adapter is asked as it was trained, through its base's chat template only then.
    ModelError if the adapter was trained beside other weights than those of `loaded`.
    """
    require_extra("torch", "peft")
    import peft

    about = _about(folder)
    known = about.get("base_sha256")  # not of adapters from before it was written
    if known is not None and known != base_sha256(loaded.model):
        raise ModelError(
            f"{folder}: an adapter for the weights of {about['base']}, and those of {loaded.name} "
            "are others; give the base it was trained on"
        )
    try:
        model = peft.PeftModel.from_pretrained(loaded.model, str(folder), is_trainable=False)
        merged = model.merge_and_unload()
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        why = " ".join(str(error).split())[:200]
        raise ModelError(
            f"{folder}: the adapter does not fit {loaded.name} ({why}); train it again, or give "
            "the base it was trained on"
        ) from None
    in_chat = bool(about.get("in_chat"))
    set_chat(loaded.tokenizer, loaded.name, in_chat)
    if not in_chat:
        loaded.tokenizer.chat_template = None
    return replace(
        loaded,
        model=merged.eval(),
        name=str(folder),
        marker_was_added=False,
        edit_format=adapter_format(folder),
    )


def shipped_adapter(preset: Preset) -> Path | None:
    """The folder of an adapter that comes with this package, or None if `preset` is not one.

    ModelError if it is missing, as in a wheel: weights of adapters are in a checkout alone.
    """
    if preset.origin != "shipped":
        return None
    package = Path(__file__).parent.parent
    for place in (package / "_explorer", package.parent):
        folder = place / "assets" / "adapters" / preset.name
        if is_adapter(folder):
            return folder
    raise ModelError(
        f"{preset.name}: no weights of it are installed here, as they are not in the wheel; get a "
        f"checkout of lintseq-core, where they are assets/adapters/{preset.name}, and give that "
        "folder as --model"
    )

"""Loading a causal language model with `<|diff|>` in place.

From a preset, a folder or the Hub. Nothing is trained or sampled here: `training` and `generation`
begin with what it returns.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from lintseq_core.edits.formats import EditFormatName, checked_format
from lintseq_core.models.adapters import (
    adapter_base,
    is_adapter,
    merge_adapter,
    shipped_adapter,
)
from lintseq_core.models.byte_tokens import ByteEncoder
from lintseq_core.models.devices import choose_device
from lintseq_core.models.errors import ModelError
from lintseq_core.models.extra import import_transformers
from lintseq_core.models.loaded import EDIT_FORMAT, LoadedModel, ModelOutline
from lintseq_core.models.pocket.folder import find_pocket
from lintseq_core.models.presets import Preset, find_preset, preset_config
from lintseq_core.models.smollm2 import smollm2_folder
from lintseq_core.models.tiny import tiny_tokenizer
from lintseq_core.models.tokens import Encoder, TextEncoder, add_diff_marker

DType = Literal["auto", "float32", "bfloat16", "float16", "float64"]
ROW_MULTIPLE = 16  # the paper pads resized embeddings to it


def load_model(
    name_or_path: str,
    *,
    dtype: DType = "auto",
    device: str = "cpu",
    revision: str | None = None,
    trust_remote_code: bool = False,
    seed: int = 0,
) -> LoadedModel:
    """The model called `name_or_path`: a preset, a folder, or a name on the Hugging Face Hub.

    `dtype` "auto": as the weights are stored. `device`: as torch names it, or "auto" for CUDA where
    there is one. `revision`: of a model on the Hub. `seed`: of a model that is built in, whose
    weights are random. Code that comes with a model is run only with `trust_remote_code`.
    """
    if (preset := find_preset(name_or_path)) is not None and preset.origin == "built in":
        _refuse_revision(name_or_path, revision)
        return fresh_model(preset, None, dtype=dtype, device=device, seed=seed)
    if (adapter := find_adapter(name_or_path)) is not None:
        _refuse_revision(name_or_path, revision)
        base = load_model(
            adapter_base(adapter),
            dtype=dtype,
            device=device,
            trust_remote_code=trust_remote_code,
            seed=seed,
        )
        return replace(merge_adapter(base, adapter), name=name_or_path)
    place = place_of(name_or_path)
    options: dict[str, Any] = {"revision": revision, "trust_remote_code": trust_remote_code}
    tokenizer = load_tokenizer(place, name_or_path, **options)
    model = _from_pretrained("AutoModelForCausalLM", place, name_or_path, dtype=dtype, **options)
    return _prepare(model, tokenizer, name_or_path, revision, device)


def fresh_model(
    preset: Preset, tokenizer: Any, *, dtype: DType = "float32", device: str = "cpu", seed: int = 0
) -> LoadedModel:
    """A model of random weights in the shape of `preset`, for pre-training from nothing.

    `tokenizer` is for a shape that has none of its own; those that are built in have one, and
    another is a ModelError.
    """
    transformers = import_transformers()
    import torch

    if preset.origin == "built in":
        if tokenizer is not None:
            raise ModelError(f"{preset.name} has a tokenizer of its own: leave out the other one")
        tokenizer = tiny_tokenizer()
    config = preset_config(
        preset, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = transformers.AutoModelForCausalLM.from_config(config)
    model = model.to(getattr(torch, "float32" if dtype == "auto" else dtype))
    return _prepare(model, tokenizer, preset.name, None, device)


def load_outline(
    name_or_path: str, *, revision: str | None = None, trust_remote_code: bool = False
) -> ModelOutline:
    """The model called `name_or_path` as `load_model` would load it, but for its weights."""
    if (preset := find_preset(name_or_path)) is not None and preset.origin == "built in":
        _refuse_revision(name_or_path, revision)
        return fresh_outline(preset, tiny_tokenizer())
    if (adapter := find_adapter(name_or_path)) is not None:
        _refuse_revision(name_or_path, revision)
        base = load_outline(adapter_base(adapter), trust_remote_code=trust_remote_code)
        return replace(base, name=name_or_path)
    place = place_of(name_or_path)
    options: dict[str, Any] = {"revision": revision, "trust_remote_code": trust_remote_code}
    tokenizer = load_tokenizer(place, name_or_path, **options)
    config = _from_pretrained("AutoConfig", place, name_or_path, **options)
    return _outline(config, tokenizer, name_or_path, revision)


def fresh_outline(preset: Preset, tokenizer: Any) -> ModelOutline:
    """The outline of `fresh_model(preset, tokenizer)`."""
    return _outline(preset_config(preset), tokenizer, preset.name, None)


def load_tokenizer(
    place: str, name: str, *, revision: str | None = None, trust_remote_code: bool = False
) -> Any:
    """The tokenizer in the folder or Hub repository `place`; `name` is for messages."""
    return _from_pretrained(
        "AutoTokenizer", place, name, revision=revision, trust_remote_code=trust_remote_code
    )


def load_encoder(
    name_or_path: str, *, revision: str | None = None, trust_remote_code: bool = False
) -> Encoder:
    """How the model called `name_or_path` writes text, without its weights.

    For looking at tokens, as `training.view.view_tokens` does. Models that are built in need no
    extra.
    """
    if (preset := find_preset(name_or_path)) is not None and preset.origin == "built in":
        _refuse_revision(name_or_path, revision)
        return ByteEncoder()
    if (adapter := find_adapter(name_or_path)) is not None:
        _refuse_revision(name_or_path, revision)
        return load_encoder(adapter_base(adapter), trust_remote_code=trust_remote_code)
    tokenizer = load_tokenizer(
        place_of(name_or_path), name_or_path, revision=revision, trust_remote_code=trust_remote_code
    )
    add_diff_marker(tokenizer)
    return TextEncoder(tokenizer, name_or_path)


def find_adapter(name: str) -> Path | None:
    """The folder of the adapter that `name` stands for, or None."""
    preset = find_preset(name)
    folder = Path(name) if preset is None else shipped_adapter(preset)
    return folder if folder is not None and is_adapter(folder) else None


def place_of(name: str) -> str:
    """The folder or Hub name that `name` stands for."""
    preset = find_preset(name)
    if preset is None:
        folder = find_pocket(name)
        return name if folder is None else str(folder)
    if preset.origin == "data":
        raise ModelError(
            f"{name} is a shape that has not been trained: lintseq train DATA -o OUT --model "
            f"{name}, then give OUT/model"
        )
    if preset.origin == "fetch":
        folder = smollm2_folder()
        if not (folder / "config.json").is_file():
            raise ModelError(f"{name} is not on this machine: lintseq models fetch {name}")
        return str(folder)
    return preset.hub_id


def _refuse_revision(name: str, revision: str | None) -> None:
    if revision is not None:
        raise ModelError(
            f"revision {revision!r}: {name} is on this machine and has only one; a revision is for "
            "a name on the Hub"
        )


def _models_in(folder: Path) -> list[str]:
    """The models in a folder below this one: a wrong name there is no name of the Hub."""
    if folder == Path() or not folder.is_dir():
        return []
    places = (place for one in sorted(folder.iterdir()) for place in (one, one / "model"))
    return [str(place) for place in places if (place / "config.json").is_file()]


def _from_pretrained(kind: str, place: str, name: str, **options: Any) -> Any:
    transformers = import_transformers()
    is_folder = Path(place).is_dir()
    if not is_folder and (place.startswith((".", "/", "~")) or place.count("/") > 1):
        raise ModelError(f"{name}: no such folder; give a folder, a Hub name or 'tiny'")
    if not is_folder and (beside := _models_in(Path(place).parent)):
        raise ModelError(
            f"{name}: no such folder; there is {' and '.join(beside[:5])} (to ask the Hub for this "
            "name, start in another folder)"
        )
    if is_folder and not (Path(place) / "config.json").is_file():
        inside = Path(place) / "model"  # where a training run leaves it
        found = f"; did you mean {inside}?" if (inside / "config.json").is_file() else ""
        raise ModelError(f"{name}: no config.json, so this folder holds no model{found}")
    if is_folder:
        _refuse_revision(name, options.pop("revision", None))
    try:
        return getattr(transformers, kind).from_pretrained(place, **options)
    except (OSError, ValueError, KeyError) as error:
        why = " ".join(str(error).split()).partition(". ")[0][:200]
        if "trust_remote_code" in why:
            remedy = "it runs code of its own: read it, then allow it with trust_remote_code"
        elif is_folder:
            remedy = "give the folder that save_pretrained wrote, config.json and weights in it"
        else:
            remedy = (
                "without the Hugging Face Hub give a folder, 'tiny', or 'smollm2-135m' "
                "(lintseq models fetch smollm2-135m)"
            )
        raise ModelError(f"{name} cannot be loaded ({why}): {remedy}") from None


def _prepare(
    model: Any,
    tokenizer: Any,
    name: str,
    revision: str | None,
    device: str,
) -> LoadedModel:
    place = choose_device(device)
    known = len(tokenizer)
    outline = _outline(model.config, tokenizer, name, revision)
    was_added = len(tokenizer) > known
    if was_added:
        make_room(model, n_tokens=len(tokenizer), n_trained=known)
    return LoadedModel(
        model=model.to(place).eval(),
        tokenizer=tokenizer,
        encoder=outline.encoder,
        name=name,
        revision=revision,
        context_length=outline.context_length,
        marker_was_added=was_added,
        edit_format=recorded_format(model.config, name),
    )


def _outline(config: Any, tokenizer: Any, name: str, revision: str | None) -> ModelOutline:
    """With `<|diff|>` added to `tokenizer`, if it was not there."""
    add_diff_marker(tokenizer)
    limits = (getattr(config, "max_position_embeddings", None), tokenizer.model_max_length)
    return ModelOutline(
        config=config,
        tokenizer=tokenizer,
        encoder=TextEncoder(tokenizer, name),
        name=name,
        revision=revision,
        context_length=min(limit for limit in limits if limit is not None),
    )


def recorded_format(config: Any, name: str) -> EditFormatName | None:
    """The edit format in the `config` of the model called `name`; None: it has none.

    LintSeqError for one that this release does not know.
    """
    recorded = getattr(config, EDIT_FORMAT, None)
    return None if recorded is None else checked_format(recorded, name)


def make_room(model: Any, *, n_tokens: int, n_trained: int) -> None:
    """Give `model` a row for each of `n_tokens`; those from `n_trained` on become the mean.

    The mean of the first `n_trained` rows, in the input and in an output that is not tied to it.
    Rows are added only where there are too few, up to a multiple of 16.
    """
    import torch

    rows = model.get_input_embeddings().weight.shape[0]
    if n_tokens > rows:
        model.resize_token_embeddings(
            n_tokens, pad_to_multiple_of=ROW_MULTIPLE, mean_resizing=False
        )
    trained = min(n_trained, rows)
    weights = {
        id(layer.weight): layer.weight
        for layer in (model.get_input_embeddings(), model.get_output_embeddings())
        if layer is not None
    }
    with torch.no_grad():
        for weight in weights.values():
            mean = weight[:trained].mean(dim=0, dtype=torch.float64)
            weight[trained : max(n_tokens, weight.shape[0] if n_tokens > rows else 0)] = mean.to(
                weight.dtype
            )

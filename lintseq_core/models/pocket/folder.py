"""The folder of a pocket model: what is in its files, and whether they belong together."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, fields
from math import inf, prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintseq_core.edits.formats import EditFormatName, checked_format
from lintseq_core.json_text import json_fault, json_text
from lintseq_core.models.errors import ModelError
from lintseq_core.models.loaded import EDIT_FORMAT
from lintseq_core.models.pocket.tokenizer import PocketTokenizer, read_tokenizer
from lintseq_core.models.pocket.weights import read_weights, write_weights

if TYPE_CHECKING:
    from lintseq_core.models.pocket.network import Network, Shape

KIND = "pocket"
"""What config.json says under "lintseq_kind"."""
_PACKAGE = Path(__file__).parents[2]
SHIPPED = tuple(place / "assets" / "pocket" for place in (_PACKAGE / "_explorer", _PACKAGE.parent))
"""Where models lie that come with this package, each in a folder of its name."""
_FIRST, _LAST = ("pocket-lintseq", "pocket-whole"), "pocket-randseq"
CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"


@dataclass(frozen=True, slots=True)
class PocketModel:
    """A pocket model in memory, ready to write."""

    network: Network
    tokenizer: PocketTokenizer
    name: str
    """As it was asked for."""
    edit_format: EditFormatName | None = None
    """What it was trained to write edits in; None: it does not say."""

    @property
    def n_parameters(self) -> int:
        """How many numbers its weights are."""
        return sum(prod(shape) for shape in self.network.shape.weights().values())

    @property
    def context_length(self) -> int:
        """The most tokens that prompt and continuation may have."""
        return self.network.shape.context_length


def find_pocket(name: str) -> Path | None:
    """The folder of the pocket model called `name`, a path or one that is shipped, or None."""
    places = [Path(name), *(folder / name for folder in SHIPPED)]
    return next((place for place in places if is_pocket(place)), None)


def shipped_pockets() -> dict[str, Path]:
    """The folders of the pocket models that come with this package, by name.

    LintSeq in the paper's format stands first, then whole programs, other formats, and the control
    last. A folder whose files are damaged is among them: `load_pocket` says what is wrong.
    """
    found: dict[str, Path] = {}
    for place in SHIPPED:
        for config in sorted(place.glob(f"*/{CONFIG}")):
            found.setdefault(config.parent.name, config.parent)

    def rank(name: str) -> tuple[int, str]:
        if name in _FIRST:
            return _FIRST.index(name), name
        return len(_FIRST) + (name == _LAST), name

    return {name: found[name] for name in sorted(found, key=rank)}


def is_pocket(folder: Path) -> bool:
    """Whether config.json in `folder` says that it is a pocket model."""
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(config, dict) and config.get("lintseq_kind") == KIND


def load_pocket(name: str, folder: Path) -> PocketModel:
    """The pocket model in `folder`, called `name`.

    ModelError if a file is missing or damaged, or if weights and config.json are not of one model;
    LintSeqError if the model writes edits in a format that is not known here.
    """
    from lintseq_core.models.pocket.network import Network

    path = folder / CONFIG
    config = _read_config(path)
    recorded = config.get(EDIT_FORMAT)
    edit_format = None if recorded is None else checked_format(recorded, str(path))
    shape = _shape(path, config)
    weights = read_weights(folder / WEIGHTS)
    _require_fit(folder, shape, {key: value.shape for key, value in weights.items()})
    tokenizer = read_tokenizer(folder / TOKENIZER)
    if tokenizer.n_tokens > shape.n_tokens:
        raise ModelError(
            f"{folder}: {TOKENIZER} has {tokenizer.n_tokens:,} tokens and {WEIGHTS} rows for "
            f"{shape.n_tokens:,}: they are of two models; copy both from one training run"
        )
    # A table of embeddings is padded, and the rows beyond the tokenizer's are no token.
    network = Network(shape, weights, n_tokens=tokenizer.n_tokens)
    return PocketModel(network, tokenizer, name, edit_format)


def compact_pocket(folder: Path, target: Path) -> None:
    """Copy the pocket model in `folder` to `target`, its weights as float16: half the size.

    transformers and `load_pocket` read the copy like the original.
    """
    target.mkdir(parents=True, exist_ok=True)
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8")) | {"dtype": "float16"}
    (target / CONFIG).write_text(json_text(config, indent=1) + "\n", encoding="utf-8")
    tokenizer = json.loads((folder / TOKENIZER).read_text(encoding="utf-8"))
    (target / TOKENIZER).write_text(json_text(tokenizer, ensure_ascii=False), encoding="utf-8")
    shutil.copyfile(folder / "tokenizer_config.json", target / "tokenizer_config.json")
    write_weights(target / WEIGHTS, read_weights(folder / WEIGHTS))


def _read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; copy it from the training run") from None
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: {json_fault(error)}; copy it from the training run") from None
    if not isinstance(config, dict):
        raise ModelError(f"{path}: not a JSON object; copy it from the training run")
    return config


def _shape(path: Path, config: dict[str, Any]) -> Shape:
    from lintseq_core.models.pocket.network import Shape

    rotation = config.get("rope_parameters")
    if not isinstance(rotation, dict):
        rotation = {}
    for name, found, expected in (
        ("model_type", config.get("model_type"), "llama"),
        ("hidden_act", config.get("hidden_act", "silu"), "silu"),
        ("attention_bias", config.get("attention_bias", False), False),
        ("mlp_bias", config.get("mlp_bias", False), False),
        ("rope_type", rotation.get("rope_type", "default"), "default"),
    ):
        if found != expected:
            raise ModelError(
                f"{path}: {name} is {found!r:.60}, and numpy computes {expected!r} alone: use "
                "--backend transformers"
            )
    try:
        n_heads = int(config["num_attention_heads"])
        width = int(config["hidden_size"])
        shape = Shape(
            n_tokens=int(config["vocab_size"]),
            width=width,
            inner_width=int(config["intermediate_size"]),
            n_layers=int(config["num_hidden_layers"]),
            n_heads=n_heads,
            n_cached_heads=int(config.get("num_key_value_heads") or n_heads),
            head_width=int(config.get("head_dim") or width // n_heads),
            context_length=int(config["max_position_embeddings"]),
            norm_epsilon=float(config["rms_norm_eps"]),
            rotation_base=float(rotation.get("rope_theta", config.get("rope_theta", 10_000))),
            is_tied=bool(config.get("tie_word_embeddings", False)),
        )
    except KeyError as error:
        raise ModelError(f"{path}: {error} is missing; copy it from the training run") from None
    except (TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
        raise ModelError(
            f"{path}: a size is none ({error}); copy it from the training run"
        ) from None
    least = min(getattr(shape, field.name) for field in fields(shape) if field.name != "is_tied")
    if not 0 < least < inf or shape.n_heads % shape.n_cached_heads or shape.head_width % 2:
        raise ModelError(f"{path}: sizes that no model has; copy it from the training run")
    return shape


def _require_fit(folder: Path, shape: Shape, found: dict[str, tuple[int, ...]]) -> None:
    expected = shape.weights()
    for name in sorted(expected.keys() | found.keys()):
        if found.get(name) != expected.get(name):
            raise ModelError(
                f"{folder}: {name} in {WEIGHTS} is {found.get(name, 'missing')}, and by {CONFIG} "
                f"it is {expected.get(name, 'no part of it')}: they are of two models, or damaged; "
                "copy both from one training run"
            )

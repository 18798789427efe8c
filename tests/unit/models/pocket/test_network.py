from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lintseq_core.models.errors import ModelError
from lintseq_core.models.load import load_model
from lintseq_core.models.pocket.folder import PocketModel, load_pocket
from lintseq_core.models.pocket.network import Network, Shape

CLOSE = {"rtol": 0, "atol": 1e-4}


@pytest.fixture(scope="module")
def ours(pocket_folder: Path) -> PocketModel:
    return load_pocket("made", pocket_folder)


@pytest.fixture(scope="module")
def theirs(pocket_folder: Path) -> Any:
    return load_model(str(pocket_folder), dtype="float32").model


def prompts(n: int, *, most: int = 60) -> list[list[int]]:
    draw = random.Random(n)
    return [[draw.randrange(768) for _ in range(draw.randrange(1, most))] for _ in range(n)]


@torch.inference_mode()
def logits_of(model: Any, ids: list[int]) -> np.ndarray:
    """(tokens, vocabulary)"""
    return model(torch.tensor([ids])).logits[0].numpy()  # type: ignore[no-any-return]


def test_every_logit_is_torchs_to_the_end_of_the_context(ours: PocketModel, theirs: Any) -> None:
    draw = random.Random(0)
    ids = [draw.randrange(768) for _ in range(1_024)]
    expected = logits_of(theirs, ids)
    assert expected.max() > 10  # as large as those of a trained model
    found, rows = ours.network.read([ids[:300]])
    np.testing.assert_allclose(found[0], expected[299], **CLOSE)
    for place in range(300, 1_024):
        found = rows.feed([ids[place]])
        np.testing.assert_allclose(found[0], expected[place], **CLOSE)


def test_rows_of_different_lengths_have_the_logits_of_each_alone(
    ours: PocketModel, theirs: Any
) -> None:
    texts = prompts(12)
    found, rows = ours.network.read(texts)
    for n_more in range(40):
        for row, ids in enumerate(texts):
            np.testing.assert_allclose(found[row], logits_of(theirs, ids)[-1], **CLOSE)
        more = [(7 * row + 11 * n_more) % 768 for row in range(len(texts))]
        texts = [[*ids, token_id] for ids, token_id in zip(texts, more, strict=True)]
        found = rows.feed(more)


def test_a_prompt_is_read_once_for_all_its_rows(ours: PocketModel) -> None:
    first, second = prompts(2)
    found, rows = ours.network.read([first, second], [2, 3])
    assert found.shape == (2, 768)
    assert rows.lengths.tolist() == [len(first)] * 2 + [len(second)] * 3
    together = rows.feed([5, 6, 7, 8, 9])
    for row, (prompt, token_id) in enumerate(
        zip([first] * 2 + [second] * 3, [5, 6, 7, 8, 9], strict=True)
    ):
        _, alone = ours.network.read([prompt])
        np.testing.assert_allclose(together[row], alone.feed([token_id])[0], **CLOSE)


def test_rows_that_leave_and_tokens_that_are_forgotten_change_no_other(ours: PocketModel) -> None:
    (prompt,) = prompts(1)
    _, rows = ours.network.read([prompt], [3])
    rows.feed([1, 2, 3])
    rows.feed([4, 5, 6])
    rows.keep([2, 0])
    rows.forget(0, 1)  # the 6
    found = rows.feed([7, 8])
    for row, ids in enumerate(([3, 7], [1, 4, 8])):
        expected, _ = ours.network.read([[*prompt, *ids]])
        np.testing.assert_allclose(found[row], expected[0], **CLOSE)


def test_the_likeliest_tokens_are_torchs_after_100_prompts(ours: PocketModel, theirs: Any) -> None:
    texts = prompts(100)
    found, rows = ours.network.read(texts)
    written: list[list[int]] = [[] for _ in texts]
    for _ in range(30):
        chosen = found.argmax(-1).tolist()
        for ids, token_id in zip(written, chosen, strict=True):
            ids.append(token_id)
        found = rows.feed(chosen)
    for prompt, ids in zip(texts, written, strict=True):
        expected = logits_of(theirs, [*prompt, *ids]).argmax(-1)
        assert ids == expected[len(prompt) - 1 : -1].tolist()


def test_an_output_of_its_own_is_used() -> None:
    shape = Shape(5, 8, 12, 1, 2, 1, 4, 16, 1e-6, 1e4, is_tied=False)
    draw = np.random.default_rng(0)
    weights = {
        name: draw.normal(size=size).astype(np.float32) for name, size in shape.weights().items()
    }
    found, _ = Network(shape, weights).read([[1, 2]])
    other, _ = Network(shape, weights | {"lm_head.weight": -weights["lm_head.weight"]}).read(
        [[1, 2]]
    )
    np.testing.assert_allclose(found, -other)
    short, _ = Network(shape, weights, n_tokens=3).read([[1, 2]])
    np.testing.assert_array_equal(short, found[:, :3])


def test_more_tokens_than_the_context_are_refused(ours: PocketModel) -> None:
    with pytest.raises(ModelError, match="a prompt of 1,025 tokens, and the context has 1,024: "):
        ours.network.read([[1] * 1_025])
    with pytest.raises(ModelError, match="give a shorter one, of one token at least"):
        ours.network.read([[1], []])
    _, rows = ours.network.read([[1], [1] * 1_024])
    with pytest.raises(ModelError, match="a row has all 1,024 tokens of the context: draw fewer"):
        rows.feed([1, 1])


def test_more_rows_than_memory_is_kept_for_are_refused(ours: PocketModel) -> None:
    with pytest.raises(
        ModelError,
        match=r"513 samples at once: the memory of .* allows 512; .*\(--batch-size 512\)",
    ):
        ours.network.read([[1]], [513])

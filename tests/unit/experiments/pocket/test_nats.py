"""Nats by what each token is for: no token is lost, and each counts by its first byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lintseq_core.data.building.dataset import build_dataset, settings_for
from lintseq_core.experiments.pocket.nats import _kinds, measure_nats
from lintseq_core.training.encode import Encoded


class Pieces:
    """A tokenizer whose tokens are these pieces of text, by their place; 99 is the end."""

    eos_id = 99

    def __init__(self, *pieces: str) -> None:
        self._pieces = [piece.encode() for piece in pieces]

    def token_bytes(self, ids: list[int]) -> list[bytes]:
        return [self._pieces[one] for one in ids]

    def decode(self, ids: list[int]) -> str:
        return b"".join(self.token_bytes(ids)).decode()


def kinds(tokenizer: Any, n: int, edit_format: Any, n_prompt: int = 0) -> list[str]:
    ids = np.array([*range(n), 99], dtype=np.int32)
    return list(_kinds(Encoded(ids, n_prompt), tokenizer, edit_format))


def test_a_token_counts_where_its_first_byte_is() -> None:
    pieces = Pieces(
        "Write.", "\n", "<|diff|>", "@@ +", "1", "2\n+", "é =", " 1\n@@ +1", "4\n+x\n", "<|diff|>",
        "\n", "<|diff|>",
    )  # fmt: skip
    assert kinds(pieces, 12, "placed", n_prompt=1) == [
        "marker", "marker", "marker", "position", "position", "content", "content", "position",
        "marker", "marker", "marker", "marker",
    ]  # fmt: skip


def test_all_of_a_whole_program_is_content_but_its_end() -> None:
    pieces = Pieces("Write.\n", "x", " = é", "\n")
    assert kinds(pieces, 4, None, n_prompt=1) == ["content"] * 3 + ["marker"]


@pytest.mark.parametrize("edit_format", ["unified", "search_replace", None])
def test_the_parts_sum_to_the_whole_loss(tmp_path: Path, edit_format: Any) -> None:
    from lintseq_core.models.load import load_model
    from lintseq_core.training.encode import encode_examples
    from lintseq_core.training.examples import read_examples
    from lintseq_core.training.losses import token_losses
    from tests.unit.models.pocket.made import save_pocket

    source = tmp_path / "rows.jsonl"
    programs = ["def f(x):\n    y = x\n    return y\n", "print('é')\n" + "print(2)\n" * 9]
    rows = [{"instruction": f"Write {one}.", "response": p} for one, p in enumerate(programs)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = tmp_path / "data.jsonl"
    build_dataset(source, data, settings_for(source, samples=1), workers=1)
    model = save_pocket(tmp_path / "model")
    found = measure_nats(model, data, edit_format)
    loaded = load_model(str(model), dtype="float32", device="cpu")
    examples = read_examples(
        data, "edits" if edit_format else "whole", edit_format=edit_format or "unified"
    )
    costs = [
        cost for _, cost in token_losses(loaded, list(encode_examples(examples, loaded.encoder)))
    ]
    assert found.n_texts == len(costs) == 2
    assert sum(found.tokens.values()) == sum(map(len, costs))
    assert sum(found.nats.values()) == pytest.approx(sum(c.sum() for c in costs), rel=1e-5)
    assert found.per_text == pytest.approx(sum(found.nats.values()) / 2)
    assert found.nats.keys() == found.tokens.keys()
    expected = {"unified": {"content", "position", "count", "marker"}, None: {"content", "marker"}}
    assert found.nats.keys() == expected.get(edit_format, {"content", "position", "marker"})

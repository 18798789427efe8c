from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from lintseq_core.models.tiny import load_tiny
from lintseq_core.training.encode import IGNORED, Encoded
from lintseq_core.training.packing import MicroBatch, micro_batches, pack, stack

PAD = 257


def example(*ids: int, n_prompt: int = 1) -> Encoded:
    return Encoded(np.array(ids, dtype=np.int32), n_prompt)


def lengths(rows: list[tuple[Encoded, ...]]) -> list[list[int]]:
    return [[len(one.ids) for one in row] for row in rows]


def sized(*sizes: int) -> list[Encoded]:
    return [example(*range(size)) for size in sizes]


@pytest.mark.parametrize(
    "sizes, rows",
    [
        ([5], [[5]]),
        ([3, 7, 5, 5], [[7, 3], [5, 5]]),
        ([10, 1, 10], [[10], [10], [1]]),
        ([6, 6, 4, 3], [[6, 4], [6, 3]]),
    ],
)
def test_each_example_is_in_one_row_and_no_row_is_too_long(
    sizes: list[int], rows: list[list[int]]
) -> None:
    assert lengths(pack(sized(*sizes), 10)) == rows


def test_padding_and_the_first_token_of_each_example_have_no_loss() -> None:
    batch = stack(
        [(example(11, 12, 13), example(21, 22, n_prompt=0)), (example(31, 32, 33, n_prompt=2),)],
        PAD,
    )
    no = IGNORED
    assert batch.input_ids.tolist() == [[11, 12, 13, 21, 22], [31, 32, 33, PAD, PAD]]
    assert batch.labels.tolist() == [[no, 12, 13, no, 22], [no, no, 33, no, no]]
    assert batch.position_ids.tolist() == [[0, 1, 2, 0, 1], [0, 1, 2, 3, 4]]
    assert batch.n_tokens == 8


def losses(batches: list[MicroBatch]) -> list[float]:
    """The loss of every trained token, sorted."""
    model, _ = load_tiny(0, "float64")
    found: list[float] = []
    for batch in batches:
        with torch.no_grad():
            logits = model(
                input_ids=batch.input_ids, position_ids=batch.position_ids, use_cache=False
            ).logits
        each = cross_entropy(
            logits[:, :-1].flatten(0, 1), batch.labels[:, 1:].flatten(), reduction="none"
        )
        found += each[each != 0].tolist()
    return sorted(found)


def test_a_packed_example_has_the_losses_it_has_alone() -> None:
    rng = np.random.default_rng(0)
    examples = [
        Encoded(rng.integers(0, 256, size).astype(np.int32), n_prompt)
        for size, n_prompt in [(40, 7), (22, 0), (9, 3), (31, 30), (17, 5)]
    ]
    alone = losses([stack([(one,)], PAD) for one in examples])
    rows = pack(examples, 64)
    assert len(rows) == 2
    assert losses([stack(rows, PAD)]) == pytest.approx(alone, rel=1e-12)
    assert losses([stack([(one,) for one in examples], PAD)]) == pytest.approx(alone, rel=1e-12)


@pytest.mark.parametrize("n_rows, size, n_processes", [(7, 2, 1), (7, 2, 2), (1, 4, 3), (8, 2, 2)])
def test_processes_share_all_rows_and_run_equally_many_batches(
    n_rows: int, size: int, n_processes: int
) -> None:
    rows = [(example(at, at, at),) for at in range(n_rows)]
    parts = [
        micro_batches(rows, size=size, pad_id=PAD, process=process, n_processes=n_processes)
        for process in range(n_processes)
    ]
    assert len({len(part) for part in parts}) == 1
    seen = [
        row[0]
        for part in parts
        for batch in part
        for row, labels in zip(batch.input_ids.tolist(), batch.labels, strict=True)
        if (labels != IGNORED).any()
    ]
    assert sorted(seen) == list(range(n_rows))

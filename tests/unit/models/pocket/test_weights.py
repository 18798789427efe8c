from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from lintseq_core.models.errors import ModelError
from lintseq_core.models.pocket.weights import read_weights, write_weights


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_every_kind_of_float_is_read_as_torch_reads_it(tmp_path: Path, kind: torch.dtype) -> None:
    path = tmp_path / "w.safetensors"
    weights = {"a": torch.randn(3, 5).to(kind), "b": torch.randn(7).to(kind), "c": torch.zeros(0)}
    save_file(weights, path)
    found = read_weights(path)
    assert found.keys() == weights.keys()
    for name, weight in weights.items():
        np.testing.assert_array_equal(found[name], weight.float().numpy())


def test_what_is_written_is_read_by_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    weights = {"b": np.float32([[1.5, -2], [0, 3e-5]]), "a": np.float32([7])}
    write_weights(path, weights)
    found = load_file(path)
    assert {name: one.dtype for name, one in found.items()} == dict.fromkeys("ab", torch.float16)
    for name, weight in weights.items():
        np.testing.assert_array_equal(found[name].numpy(), weight.astype(np.float16))
        np.testing.assert_array_equal(read_weights(path)[name], found[name].float().numpy())


def test_a_number_beyond_float16_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="a holds numbers beyond float16: keep the weights as"):
        write_weights(tmp_path / "w", {"a": np.float32([70_000])})


def file_of(header: object, body: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


ONE = {"a": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]}}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no safetensors file, or a damaged one .*; copy it from the training run again"),
        (b"\xff" * 40, "no safetensors file, or a damaged one"),
        (file_of([]), "no safetensors file, or a damaged one"),
        (file_of({"a": 3}), "no safetensors file, or a damaged one"),
        (file_of({"a": {"dtype": "F16"}}), "no safetensors file, or a damaged one .*shape"),
        (
            file_of({"a": ONE["a"] | {"shape": 2}}, b"\0" * 4),
            "no safetensors file, or a damaged one",
        ),
        (
            file_of({"a": ONE["a"] | {"shape": [-1, -2]}}, b"\0" * 4),
            "no safetensors file, or a damaged",
        ),
        (file_of({"a": ONE["a"] | {"data_offsets": "ab"}}, b"\0" * 4), "no safetensors file, or a"),
        (b"\xa0\x86\1\0\0\0\0\0" + b"[" * 100_000, "no safetensors file, or a damaged one"),
        (file_of(ONE, b"\0\0"), "a has not all of its numbers: the file is cut or damaged; copy"),
        (file_of({"a": ONE["a"] | {"shape": [3]}}, b"\0" * 4), "a has not all of its numbers"),
        (file_of({"a": ONE["a"] | {"dtype": "I8"}}, b"\0" * 4), "a holds I8, which is none of F64"),
        (file_of(ONE, b"\0\x7c\0\0"), "a holds numbers that are not finite; copy it"),
    ],
)
def test_a_damaged_file_is_one_line_with_the_remedy(
    tmp_path: Path, data: bytes, message: str
) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(data)
    with pytest.raises(ModelError, match=message) as error:
        read_weights(path)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith(f"{path}: ")


def test_every_cut_of_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    write_weights(path, {"a": np.float32([1, 2, 3])})
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(ModelError):
            read_weights(path)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file or directory; copy the weights from"):
        read_weights(tmp_path / "w.safetensors")

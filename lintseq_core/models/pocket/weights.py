"""Safetensors files: the length of a header, the header as JSON, then the numbers one by one."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintseq_core.json_text import json_fault, json_text
from lintseq_core.models.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_DAMAGED = "no safetensors file, or a damaged one"
_AGAIN = "copy it from the training run again"
_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}


def read_weights(path: Path) -> dict[str, npt.NDArray[np.float32]]:
    """The tensors in the safetensors file at `path` as float32, by name.

    ModelError if the file is cut, damaged, or holds what is no number.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path}: {error.strerror}; copy the weights from the training run"
        ) from None
    try:
        (size,) = struct.unpack_from("<Q", data)
        header = json.loads(data[8 : 8 + size].decode("utf-8"))
        header.pop("__metadata__", None)
        body = memoryview(data)[8 + size :]
        return {name: _tensor(name, about, body) for name, about in header.items()}
    except ModelError as error:
        raise ModelError(f"{path}: {error}; {_AGAIN}") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise ModelError(f"{path}: {_DAMAGED} ({json_fault(error)}); {_AGAIN}") from None
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path}: {_DAMAGED} ({error!r:.80}); {_AGAIN}") from None


def _tensor(name: str, about: dict[str, Any], body: memoryview) -> npt.NDArray[np.float32]:
    import numpy as np

    kind, shape, (start, stop) = about["dtype"], about["shape"], about["data_offsets"]
    if kind not in _BYTES:
        raise ModelError(f"{name} holds {kind}, which is none of {', '.join(_BYTES)}")
    if not 0 <= start <= stop <= len(body) or stop - start != math.prod(shape) * _BYTES[kind]:
        raise ModelError(f"{name} has not all of its numbers: the file is cut or damaged")
    part = body[start:stop]
    if kind == "BF16":  # the upper half of a float32
        wide = np.frombuffer(part, "<u2").astype(np.uint32) << 16
        values = wide.view(np.float32)
    else:
        values = np.frombuffer(part, f"<f{_BYTES[kind]}").astype(np.float32)
    if not np.isfinite(values).all():
        raise ModelError(f"{name} holds numbers that are not finite")
    return values.reshape(shape)


def write_weights(path: Path, weights: Mapping[str, npt.NDArray[np.float32]]) -> None:
    """Write `weights` as float16 to the safetensors file at `path`: half the size of float32.

    ModelError names a tensor with a number that float16 cannot hold.
    """
    import numpy as np

    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    parts: list[bytes] = []
    place = 0
    for name in sorted(weights):
        with np.errstate(over="ignore"):
            small = weights[name].astype("<f2")
        if not np.isfinite(small).all():
            raise ModelError(f"{name} holds numbers beyond float16: keep the weights as float32")
        parts.append(small.tobytes())
        end = place + len(parts[-1])
        header[name] = {"dtype": "F16", "shape": list(small.shape), "data_offsets": [place, end]}
        place = end
    text = json_text(header).encode()
    text += b" " * (-len(text) % 8)  # the numbers begin at a multiple of 8
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))

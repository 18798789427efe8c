"""Near-duplicates by MinHash and locality-sensitive hashing (datasketch, the extra "data")."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
from typing import Any

from lintseq_core.errors import LintSeqError
from lintseq_core.programs import Program

_TOKEN = re.compile(r"\w+|[^\w\s]")
_SHINGLE = 5  # tokens: enough that programs of the same idioms differ
_PERMUTATIONS = 128
_SEED = 1


def program_signature(program: Program) -> bytes:
    """The MinHash values of the program's runs of five tokens, comments and layout left out."""
    sketch = _empty_sketch()
    tokens = [
        token
        for line in program.lines
        if not line.lstrip().startswith("#")
        for token in _TOKEN.findall(line)
    ]
    last = max(len(tokens) - _SHINGLE, 0)
    shingles = {" ".join(tokens[at : at + _SHINGLE]).encode() for at in range(last + 1)}
    sketch.update_batch(sorted(shingles))
    values: bytes = sketch.hashvalues.astype("<u8").tobytes()
    return values


class NearIndex:
    """Programs by signature; finds one whose estimated similarity reaches the threshold."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._index = _import_datasketch().MinHashLSH(threshold=threshold, num_perm=_PERMUTATIONS)
        self._sketches: dict[int, Any] = {}

    def find(self, signature: bytes) -> int | None:
        """Row index of the first program that is near enough, or None."""
        sketch = _sketch(signature)
        for index in sorted(self._index.query(sketch)):
            if sketch.jaccard(self._sketches[index]) >= self._threshold:
                return int(index)
        return None

    def add(self, index: int, signature: bytes) -> None:
        """Remember the program of row `index`."""
        self._sketches[index] = sketch = _sketch(signature)
        self._index.insert(index, sketch)


def datasketch_version() -> str:
    """The version of datasketch; LintSeqError names the extra if it is not installed."""
    _import_datasketch()
    return importlib.metadata.version("datasketch")


def _sketch(signature: bytes) -> Any:
    import numpy

    sketch = _empty_sketch()
    sketch.hashvalues = numpy.frombuffer(signature, dtype="<u8").astype(sketch.hashvalues.dtype)
    return sketch


def _empty_sketch() -> Any:
    datasketch = _import_datasketch()
    return datasketch.MinHash(num_perm=_PERMUTATIONS, seed=_SEED, hashfunc=_hash_shingle)


def _hash_shingle(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=4).digest(), "little")


def _import_datasketch() -> Any:
    try:
        import datasketch
    except ImportError:
        raise LintSeqError(
            "near-duplicates need datasketch: pip install 'lintseq-core[data]', "
            "or leave out --near-dedup"
        ) from None
    return datasketch

"""Seeds of random streams, from what a stream is for and not from where it is drawn."""

from __future__ import annotations

import hashlib
import random


def path_rng(seed: int, item_id: str, path_index: int) -> random.Random:
    """The generator of sequence `path_index` of the program with id `item_id`.

    Seeded by the first 8 bytes of sha256("seed:item id:path index"), so that a sequence is the
    same whatever the number of workers, the order of the programs or the machine.
    """
    return random.Random(_seed(f"{seed}:{item_id}:{path_index}"))


def dropout_seed(seed: int, step_index: int, process: int) -> int:
    """The seed of dropout in the 0-based step `step_index` of a training run, of one process.

    The first 8 bytes of sha256("seed:dropout:step:process"), so that a run that was stopped draws
    on as if it never was, on any version of Python.
    """
    return _seed(f"{seed}:dropout:{step_index}:{process}")


def _seed(name: str) -> int:
    """At least 0 and below 2**64."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")

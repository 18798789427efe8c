"""The random stream of one edit sequence, from what it is and not from where it is made."""

from __future__ import annotations

import hashlib
import random


def path_rng(seed: int, item_id: str, path_index: int) -> random.Random:
    """The generator of sequence `path_index` of the program with id `item_id`.

    Seeded by the first 8 bytes of sha256("seed:item id:path index"), so that a sequence is the
    same whatever the number of workers, the order of the programs or the machine.
    """
    digest = hashlib.sha256(f"{seed}:{item_id}:{path_index}".encode()).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))

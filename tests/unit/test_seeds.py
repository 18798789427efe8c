from __future__ import annotations

import hashlib
import itertools

from lintseq_core.seeds import dropout_seed, path_rng


def test_the_seed_of_dropout_is_the_same_on_every_machine() -> None:
    assert dropout_seed(42, 0, 0) == 14_109_766_990_410_604_698
    assert hashlib.sha256(b"42:dropout:0:0").digest()[:8] == dropout_seed(42, 0, 0).to_bytes(
        8, "big"
    )


def test_every_step_of_every_process_has_a_draw_of_its_own() -> None:
    places = list(itertools.product((-2, -1, 0, 1, 42), range(50), range(4)))
    assert len({dropout_seed(*place) for place in places}) == len(places)


def test_a_path_has_the_stream_it_always_had() -> None:
    assert path_rng(0, "program", 1).random() == 0.766097295567008

"""What holds of transformers' models whatever version of it is there."""

from __future__ import annotations

import warnings

import pytest

pytest.importorskip("torch", reason="torch comes with the extra train")

from lintseq_core.generation.decoder import TransformersDecoder, cache_argument
from lintseq_core.models.load import load_model


class Renamed:
    def forward(self, input_ids: object, cache: object = None) -> None: ...


class Adapted:
    """As peft wraps a model: its own `forward` says nothing."""

    def forward(self, *args: object, **kwargs: object) -> None: ...

    def get_base_model(self) -> Renamed:
        return Renamed()


def test_the_cache_has_the_name_that_the_model_gives_it() -> None:
    assert cache_argument(Renamed()) == cache_argument(Adapted()) == "cache"


def test_no_name_is_used_that_will_go_away() -> None:
    decoder = TransformersDecoder(load_model("tiny").model)
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        _, rows = decoder.start([[1, 2, 3]], [2])
        rows.feed([4, 5])

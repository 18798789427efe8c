from __future__ import annotations

import pytest

from lintseq_core.models.presets import PRESETS, count_parameters

PARAMETERS = {
    "tiny": 90_624,
    "tinycodelm-3m": 2_998_848,
    "pocket": 836_736,
    "smollm2-135m": 134_515_008,
    "smollm2-135m-lintseq": 134_524_224,
    "smollm2-135m-whole": 134_524_224,
    "tinycodelm-150m": 151_879_680,
    "tinycodelm-400m": 454_164_480,
    "gemma-2-2b": 2_614_341_888,
    "phi-3-mini": 3_821_079_552,
    "llama-3.1-8b": 8_030_261_248,
    "phi-3-medium": 13_960_238_080,
}


def test_every_preset_has_a_known_size() -> None:
    assert [preset.name for preset in PRESETS] == list(PARAMETERS)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_parameters_are_counted_on_the_module(preset: object) -> None:
    assert count_parameters(preset) == PARAMETERS[preset.name]

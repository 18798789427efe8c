"""An adapter that is known by name, where its weights are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from lintseq_core.models import adapters
from lintseq_core.models.errors import ModelError
from lintseq_core.models.load import find_adapter


def test_a_wheel_has_no_weights_of_adapters_and_says_in_one_line_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_adapter("smollm2-135m-lintseq") is not None  # this is a checkout
    monkeypatch.setattr(adapters, "__file__", str(tmp_path / "lintseq_core" / "models" / "a.py"))
    with pytest.raises(ModelError) as caught:
        find_adapter("smollm2-135m-lintseq")
    assert str(caught.value) == (
        "smollm2-135m-lintseq: no weights of it are installed here, as they are not in the wheel; "
        "get a checkout of lintseq-core, where they are assets/adapters/smollm2-135m-lintseq, and "
        "give that folder as --model"
    )

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.models.pocket.made import save_pocket


@pytest.fixture(scope="session")
def pocket_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of random weights in float16."""
    return save_pocket(tmp_path_factory.mktemp("pocket"))

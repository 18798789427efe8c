"""What SmolLM2 wrote with the adapters that ship, on the page Generations."""

from __future__ import annotations

import pytest

from tests.dashboard.test_generations import VIEWS, open_generations, texts

pytestmark = pytest.mark.feature("generations")


@pytest.mark.parametrize("view", VIEWS)
def test_what_the_shipped_adapters_wrote_is_shown_in_every_view(view: str) -> None:
    chosen = {"from": "SmolLM2-135M"} | ({"see": view})
    app = open_generations(chosen)
    assert not app.exception
    assert not app.error or view == "Malformed edits"  # there an error is what is shown
    assert "Written by SmolLM2-135M with the two adapters that ship" in texts(app)

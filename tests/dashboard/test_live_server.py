"""Writing now by a model server: as whoever started the explorer says, and no visitor."""

from __future__ import annotations

import json

import pytest

from lintseq_core.cli.dashboard import SERVER_VARIABLE
from lintseq_core.generation.server_client import LiveAnswers
from tests.dashboard.apps import check, says
from tests.dashboard.test_generations import texts
from tests.dashboard.test_live import open_live, picker, write, written
from tests.model_server import as_json, serve
from tests.model_server import written as answered
from tests.unit.generation.test_stepwise import GOOD, PROGRAM

pytestmark = pytest.mark.feature("Generations")
NAME = "m, on a model server"


def test_the_model_of_the_server_that_was_named_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveAnswers, "wait", lambda self, seconds: None)
    broken = False
    with serve(
        lambda path, body: as_json({"error": "no"}, 500) if broken else answered(GOOD)
    ) as server:
        monkeypatch.setenv(SERVER_VARIABLE, json.dumps([server.url, "m"]))
        app = open_live({"writer": NAME, "draws": "1"})
        assert picker(app, "Model").value == NAME
        assert not [box for box in app.selectbox if box.label == "Guard"]
        write(app)
        trace = written(app).trace
        assert (trace.header.backend, trace.header.model) == ("server", "m")
        assert trace.samples[0].end is not None
        assert trace.samples[0].end.program == PROGRAM
        assert "The server gives no log-probabilities: traces have none." in texts(app)
        broken = True
        write(app)
        (error,) = says(app, "error")
        assert "the model server answers 500 (no)" in error
        assert str(server.url) not in error


def test_a_visitor_cannot_name_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SERVER_VARIABLE, raising=False)
    with serve(lambda path, body: answered(GOOD)) as server:
        for link in ({"writer": server.url}, {"writer": NAME}, {"base_url": server.url}):
            app = check(open_live(link))
            assert NAME not in picker(app, "Model").options
        assert server.asked == []

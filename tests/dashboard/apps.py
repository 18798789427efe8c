"""The pages as Streamlit runs them without a browser, and what stands on them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from streamlit.runtime.caching.cache_utils import CachedFunc
from streamlit.testing.v1 import AppTest

from tests.dashboard.conftest import ROOT

ENTRY = ROOT / "dashboard" / "streamlit_app.py"
TRAJECTORIES = "app_pages/trajectories.py"
SHIPS = (
    "_read", "load_lesson_payload", "load_examples", "load_linters", "load_sequence",
    "load_payload", "load_orders", "load_shipped_traces", "load_task_name",
)  # fmt: skip
"""Caches of what ships, and of what is worked out of a program: whoever starts a server finds the same."""


def forget_files() -> None:
    """As a server that is started anew on other files; what ships is not read again."""
    for name, module in list(sys.modules.items()):
        if name.startswith("dashboard."):
            for cached in vars(module).values():
                if isinstance(cached, CachedFunc) and cached.__name__ not in SHIPS:
                    cached.clear()


def open_overview() -> AppTest:
    app = AppTest.from_file(str(ENTRY), default_timeout=30)
    app.session_state.is_wide = True  # there is no browser to wait for
    return app.run()


def open_trajectories(parameters: Mapping[str, str] | None = None) -> AppTest:
    app = open_overview().switch_page(TRAJECTORIES)
    for name, value in (parameters or {}).items():
        app.query_params[name] = value
    return check(app.run())


def check(app: AppTest) -> AppTest:
    """`app`, whose script ended without an exception."""
    assert [error.value for error in app.exception] == []
    return app


def payload(app: AppTest) -> dict[str, Any]:
    """What the player was given; fails if the page shows none."""
    return data(app)["payloads"][0]


def data(app: AppTest) -> dict[str, Any]:
    players = app.get("bidi_component")
    (player,) = [each for each in players if each.proto.component_name == "lintseq_player"]
    return dict(json.loads(player.proto.json))


def bring(app: AppTest, name: str, content: bytes) -> AppTest:
    """`app` after an upload to its list of files."""
    (uploader,) = (one for one in app.file_uploader if one.key.startswith("bring_"))
    return check(uploader.upload(name, content).run())


def says(app: AppTest, kind: str) -> list[str]:
    """The texts of the alerts of one kind, without the backslashes Markdown needs."""
    return [element.value.replace("\\", "") for element in getattr(app, kind)]

"""The viewer: one payload and one player, for the dashboard, notebooks and single-file pages."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintseq_core.viewer.modules import join_modules
from lintseq_core.viewer.payload import build_payload
from lintseq_core.viewer.predict import build_predict_payload

if TYPE_CHECKING:
    from lintseq_core.viewer.predict_widget import PredictWidget
    from lintseq_core.viewer.widget import PlayerWidget

__all__ = [
    "PlayerWidget",
    "PredictWidget",
    "build_payload",
    "build_predict_payload",
    "part",
    "player_css",
    "player_js",
    "predict_css",
    "predict_js",
    "script",
]

_STYLES = ("player.css", "code.css", "panel.css")
_WIDGETS = {"PlayerWidget": "widget", "PredictWidget": "predict_widget"}


def player_js() -> str:
    """The player as the text of an ES module; it exports `createPlayer`."""
    return script("player.js")


def player_css() -> str:
    """The style sheet of the player."""
    return "\n".join(map(part, _STYLES))


def predict_js() -> str:
    """The exercise as the text of an ES module; it exports `createPredict`."""
    return script("predict.js")


def predict_css() -> str:
    """The style sheet of the exercise, the player's in it."""
    return "\n".join(map(part, (*_STYLES, "predict.css")))


@cache  # these files do not change while it runs
def script(name: str) -> str:
    """The module `name` of the viewer as one text, with all that it imports."""
    return join_modules(Path(__file__).with_name(name))


def part(name: str) -> str:
    """The text of one file of the viewer."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def __getattr__(name: str) -> Any:
    # The widgets need the extra `notebooks`: they are imported when they are asked for.
    if name in _WIDGETS:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_WIDGETS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

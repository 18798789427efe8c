"""The viewer: one payload and one player, for the dashboard, notebooks and single-file pages."""

from importlib.resources import files
from typing import TYPE_CHECKING, Any

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
    "viewer_js",
]

# One module in parts, so that it needs no bundler: the first has the exports, the others functions.
_PARTS = (
    "player.js",
    "words.js",
    "elements.js",
    "frame.js",
    "scroll.js",
    "playing.js",
    "input.js",
    "rail.js",
    "arrows.js",
    "lenses.js",
    "generation.js",
)
_PREDICT = ("predict.js", "predict_frame.js", "picker.js")
_STYLES = ("player.css", "code.css", "panel.css")
_WIDGETS = {"PlayerWidget": "widget", "PredictWidget": "predict_widget"}


def player_js() -> str:
    """The player as the text of an ES module; it exports `createPlayer`."""
    return _joined(_PARTS)


def player_css() -> str:
    """The style sheet of the player."""
    return _joined(_STYLES)


def predict_js() -> str:
    """The exercise as the text of an ES module; it exports `createPredict`."""
    return _joined((*_PREDICT, "words.js", "elements.js"))


def predict_css() -> str:
    """The style sheet of the exercise, the player's in it."""
    return _joined((*_STYLES, "predict.css"))


def viewer_js() -> str:
    """Player and exercise in one module, which exports both."""
    return _joined((*_PARTS, *_PREDICT))


def part(name: str) -> str:
    """The text of one file of the viewer."""
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def _joined(names: tuple[str, ...]) -> str:
    return "\n".join(map(part, names))


def __getattr__(name: str) -> Any:
    # The widgets need the extra `notebooks`: they are imported when they are asked for.
    if name in _WIDGETS:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_WIDGETS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""The viewer: one payload and one player, for the dashboard, notebooks and single-file pages."""

from importlib.resources import files

from lintseq_core.viewer.payload import build_payload

__all__ = ["build_payload", "player_css", "player_js"]

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
_STYLES = ("player.css", "code.css", "panel.css")


def player_js() -> str:
    """The player as the text of an ES module; it exports `createPlayer`."""
    return _joined(_PARTS)


def player_css() -> str:
    """The style sheet of the player."""
    return _joined(_STYLES)


def _joined(names: tuple[str, ...]) -> str:
    folder = files(__name__)
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)

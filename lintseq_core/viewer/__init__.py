"""The viewer: one payload and one player, for the dashboard, notebooks and single-file pages."""

from importlib.resources import files

from lintseq_core.viewer.payload import build_payload

__all__ = ["build_payload", "player_css", "player_js"]


def player_js() -> str:
    """The player as the text of an ES module; it exports `createPlayer`."""
    return files(__name__).joinpath("player.js").read_text(encoding="utf-8")


def player_css() -> str:
    """The style sheet of the player."""
    return files(__name__).joinpath("player.css").read_text(encoding="utf-8")

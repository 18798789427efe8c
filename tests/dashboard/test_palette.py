"""Every text of the player has a contrast of 4.5:1 on every background it can stand on."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from lintseq_core.viewer import predict_css
from lintseq_core.viewer.highlight import TOKEN_CLASSES

pytestmark = pytest.mark.feature("Colours")

LEAST_TEXT = 4.5  # WCAG 2.2, 1.4.3
LEAST_GRAPHIC = 3.0  # WCAG 2.2, 1.4.11
THEMES = ("light", "dark")

FULL = [f"--lsp-{name}" for name in TOKEN_CLASSES]
FADED = [f"--lsp-{name}-faded" for name in TOKEN_CLASSES]
TEXTS_ON = {
    "--lsp-surface": ["--lsp-text", "--lsp-muted", "--lsp-accent", "--lsp-orange", *FULL, *FADED],
    "--lsp-raised": ["--lsp-text", "--lsp-muted", "--lsp-accent", "--lsp-orange"],
    "--lsp-hover": ["--lsp-text", "--lsp-muted", *FULL, *FADED],
    "--lsp-new": ["--lsp-accent", *FULL],
    "--lsp-going": ["--lsp-text", "--lsp-orange", *FULL],
    "--lsp-early": ["--lsp-text", "--lsp-accent", *FULL],
    "--lsp-late": ["--lsp-text", "--lsp-accent", *FULL],
    "--lsp-control": ["--lsp-text", "--lsp-muted"],
    "--lsp-control-hover": ["--lsp-text"],
    "--lsp-accent": ["--lsp-on-accent"],
}
"""Background -> the texts that can stand on it."""
GRAPHICS_ON = {
    "--lsp-surface": ["--lsp-edge", "--lsp-accent", "--lsp-orange"],
    "--lsp-new": ["--lsp-accent"],
    "--lsp-going": ["--lsp-orange"],
    "--lsp-control": ["--lsp-edge"],
    "--lsp-early": ["--lsp-accent", "--lsp-orange"],
    "--lsp-late": ["--lsp-accent", "--lsp-orange"],
}


def palette(theme: str) -> dict[str, str]:
    rows = re.findall(r"(--lsp-[\w-]+): light-dark\((#\w{6}), (#\w{6})\);", predict_css())
    return {name: colours[THEMES.index(theme)] for name, *colours in rows}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_ratio_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("pairs", "least"),
    [(TEXTS_ON, LEAST_TEXT), (GRAPHICS_ON, LEAST_GRAPHIC)],
    ids=["text", "graphics"],
)
def test_every_pair_has_enough_contrast(
    theme: str, pairs: dict[str, list[str]], least: float
) -> None:
    colours = palette(theme)

    ratios = {
        (text, background): contrast(colours[text], colours[background])
        for background, texts in pairs.items()
        for text in texts
    }

    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < least} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_faded_lines_stand_back_behind_new_ones(theme: str) -> None:
    colours = palette(theme)

    for full, faded in zip(FULL, FADED, strict=True):
        strong = contrast(colours[full], colours["--lsp-new"])
        assert contrast(colours[faded], colours["--lsp-surface"]) < strong, full


def test_no_text_colour_escapes_these_tests() -> None:
    rules = re.sub(r"--lsp-[\w-]+: light-dark\([^)]*\);", "", predict_css())
    tested = {name for names in (*TEXTS_ON.values(), *GRAPHICS_ON.values()) for name in names}

    used = set(re.findall(r"(?<![\w-])color: ([^;]+);", rules))

    assert {colour for colour in used if colour not in {f"var({name})" for name in tested}} == set()
    assert "opacity" not in re.sub(r"@keyframes.*", "", rules).replace("opacity: 1", "")


@pytest.mark.parametrize("theme", THEMES)
def test_the_theme_of_the_pages_has_enough_contrast(theme: str) -> None:
    path = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"
    colours = tomllib.loads(path.read_text(encoding="utf-8"))["theme"][theme]

    for text in ("textColor", "linkColor", "grayTextColor"):
        for background in ("backgroundColor", "secondaryBackgroundColor"):
            assert contrast(colours[text], colours[background]) >= LEAST_TEXT, (text, background)
    assert contrast(colours["primaryColor"], colours["backgroundColor"]) >= LEAST_TEXT


def test_code_outside_the_player_has_its_colours() -> None:
    root = Path(__file__).resolve().parents[2]
    player = (root / "lintseq_core" / "viewer" / "player.css").read_text(encoding="utf-8")
    code = (root / "dashboard" / "code.css").read_text(encoding="utf-8")
    colours = re.findall(r"light-dark\([^)]*\)", code)
    assert len(colours) == 7
    assert [colour for colour in colours if colour not in player] == []

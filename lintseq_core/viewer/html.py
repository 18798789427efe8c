"""One HTML file that plays edit sequences, or asks about them: no server, no network."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Sequence
from typing import Any

from lintseq_core.json_text import json_text
from lintseq_core.viewer import part, player_css, predict_css, script


def build_page(payloads: Sequence[dict[str, Any]], *, title: str, footer: str = "") -> str:
    """A page that plays `payloads`, the first of them first; with several, a playlist.

    The part of the address behind "#" is the 0-based index of the payload and the step, as in
    "#2.14".
    """
    return build_document(
        title=title,
        css=player_css(),
        body=f'{_playlist(payloads)}<div id="player"></div>',
        data=payloads,
        script=script("page.js"),
        footer=footer,
    )


def build_predict_page(payloads: Sequence[dict[str, Any]], *, title: str, footer: str = "") -> str:
    """A page with the exercises `payloads` (predict.py), one below the other.

    Answers stay in the reader's browser.
    """
    return build_document(
        title=title,
        css=predict_css(),
        body='<div id="exercises"></div>',
        data=payloads,
        script=script("predict_page.js"),
        footer=footer,
    )


def build_document(
    *, title: str, css: str, body: str, data: object, script: str, footer: str
) -> str:
    """An HTML page that needs nothing but itself: `body` and `css` are markup of our own.

    `data` is in the page as JSON without a "<" and reaches the document as text. The page's own
    policy lets nothing run but `script`, and nothing be fetched.
    """
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{allowed}'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )
    name = html.escape(title)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>{css}{part("page.css")}</style>
</head>
<body>
<main>
<h1>{name}</h1>
{body}
</main>
<footer>{html.escape(footer)}</footer>
<script type="application/json" id="payloads">{_json(data)}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def _json(value: object) -> str:
    """`value` as JSON that no HTML parser can leave: it has no "<" and no "&"."""
    text = json_text(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("&", "\\u0026")


def _playlist(payloads: Sequence[dict[str, Any]]) -> str:
    if len(payloads) < 2:
        return ""
    options = "".join(
        f'<option value="{index}">{html.escape(_name(index, payload))}</option>'
        for index, payload in enumerate(payloads)
    )
    is_generated = payloads[0]["meta"]["method"] == "generated"
    name = "sample" if is_generated else "sequence"
    return (
        f'<nav class="playlist" aria-label="{name.capitalize()}s">'
        f'<button type="button" id="previous">Previous {name}</button>'
        f'<select aria-label="{name.capitalize()}">{options}</select>'
        f'<button type="button" id="next">Next {name}</button></nav>\n'
    )


def _name(index: int, payload: dict[str, Any]) -> str:
    meta = payload["meta"]
    if meta["method"] == "generated":
        told = f"{meta['model']}, sample {meta['sample_index'] + 1}: {payload['n_edits']} edits"
        bad = payload["generation"]["bad"]
        return f"{index + 1}. {told}" + (f", edit {bad['step']} is bad" if bad else "")
    seed = "" if meta["seed"] is None else f", seed {meta['seed']}"
    number = "" if meta["path_index"] is None else f", sequence {meta['path_index'] + 1}"
    return f"{index + 1}. {payload['title']}: {payload['n_edits']} edits{seed}{number}"

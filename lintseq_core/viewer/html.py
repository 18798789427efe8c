"""One HTML file that plays trajectories: no server, no network, nothing but the file."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from typing import Any

from lintseq_core.viewer import part, player_css, player_js


def build_page(payloads: Sequence[dict[str, Any]], *, title: str, footer: str = "") -> str:
    """A page that plays `payloads`, the first of them first; with several, a playlist.

    All data is in the page as JSON without a "<", and reaches the document as text. The page's own
    policy lets nothing run but its one script, and nothing be fetched. The part of the address
    behind "#" is the index of the payload and the step, as in "#2.14".
    """
    script = f"{player_js()}\n{part('page.js')}"
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
<style>{player_css()}{part("page.css")}</style>
</head>
<body>
<main>
<h1>{name}</h1>
{_playlist(payloads)}<div id="player"></div>
</main>
<footer>{html.escape(footer)}</footer>
<script type="application/json" id="payloads">{_json(payloads)}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def _json(value: object) -> str:
    """`value` as JSON that no HTML parser can leave: it has no "<" and no "&"."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("&", "\\u0026")


def _playlist(payloads: Sequence[dict[str, Any]]) -> str:
    if len(payloads) < 2:
        return ""
    options = "".join(
        f'<option value="{index}">{html.escape(_name(index, payload))}</option>'
        for index, payload in enumerate(payloads)
    )
    return (
        '<nav class="playlist" aria-label="Samples">'
        '<button type="button" id="previous">Previous sample</button>'
        f'<select aria-label="Sample">{options}</select>'
        '<button type="button" id="next">Next sample</button></nav>\n'
    )


def _name(index: int, payload: dict[str, Any]) -> str:
    meta = payload["meta"]
    if meta["method"] == "generated":
        told = f"{meta['model']}, sample {meta['sample_index'] + 1}: {payload['n_edits']} edits"
        bad = payload["generation"]["bad"]
        return f"{index + 1}. {told}" + (f", edit {bad['step']} is bad" if bad else "")
    seed = "" if meta["seed"] is None else f", seed {meta['seed']}, path {meta['path_index']}"
    return f"{index + 1}. {payload['title']}: {payload['n_edits']} edits{seed}"

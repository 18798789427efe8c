"""What a notebook cell shows: every output also says the same without a kernel and without scripts.

A figure carries a PNG, a widget and a table plain HTML, in the same output: that is what GitHub,
nbviewer and an untrusted notebook draw.
"""

from __future__ import annotations

import atexit
import base64
import html
import importlib.util
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.claims import Claim, Judgement
from lintseq_core.experiments.experiment import Experiment, Recorded, Result
from lintseq_core.experiments.plans import RunPlan, plan_text
from lintseq_core.results.frames import Frame

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLOTLY_MIME, WIDGET_MIME = (
    "application/vnd.plotly.v1+json",
    "application/vnd.jupyter.widget-view+json",
)
PNG_WIDTH = 860
MAX_ROWS = 30
Bundle = dict[str, Any]
_servers: list[Any] = []  # one browser for all figures of a process, ended with it


def show(*things: Any) -> None:
    """Show claims, frames, figures, judgements, plans, results and widgets, one after the other."""
    from IPython.display import display

    for thing in things:
        display(bundle_of(thing), raw=True)  # type: ignore[no-untyped-call]


def prepare() -> None:
    """Let widgets of others show in Colab; elsewhere nothing needs to be done."""
    if importlib.util.find_spec("google") and importlib.util.find_spec("google.colab"):
        from google.colab import output

        output.enable_custom_widget_manager()


def bundle_of(thing: Any) -> Bundle:
    """The output of `thing` by MIME type, its static twin among them; LintSeqError if unknown."""
    match thing:
        case Frame():
            return {"text/html": table_html(thing), "text/plain": f"{len(thing)} rows"}
        case Experiment():
            return _claims(thing.claims)
        case Judgement():
            return _judgements([thing])
        case Result():
            return _with_notes(_judgements(thing.judgements), thing.notes)
        case Recorded():
            return _recorded(thing)
        case RunPlan():
            return {"text/plain": plan_text(thing)}
        case str():
            return {"text/html": f"<p>{html.escape(thing)}</p>", "text/plain": thing}
        case []:
            return {"text/html": "<p>Nothing.</p>", "text/plain": "Nothing."}
        case [Claim(), *_]:
            return _claims(thing)
        case [Judgement(), *_]:
            return _judgements(thing)
    if hasattr(thing, "to_plotly_json") and hasattr(thing, "update_layout"):
        return figure_bundle(thing)
    if hasattr(thing, "_repr_mimebundle_"):
        return widget_bundle(thing)
    raise LintSeqError(f"a {type(thing).__name__} cannot be shown; give a frame, figure or widget")


def figure_bundle(figure: go.Figure) -> Bundle:
    """The figure for a live notebook, and as a PNG where plotly can make one, else its numbers.

    A PNG takes kaleido and a Chromium; without them the twin is a table of what is drawn.
    """
    import plotly.graph_objects as go

    if not any(_n_points(trace) for trace in figure.data):
        return bundle_of("Nothing to draw: there are no numbers for this figure.")
    shown = go.Figure(figure)
    shown.update_layout(paper_bgcolor="#ffffff", plot_bgcolor="#ffffff", template="none")
    bundle: Bundle = {PLOTLY_MIME: json.loads(shown.to_json())}
    bundle["text/plain"] = f"Figure: {_axis(shown, 'yaxis')} over {_axis(shown, 'xaxis')}"
    image = _png(shown)
    if image is not None:
        bundle["image/png"] = base64.b64encode(image).decode()
    else:
        bundle["text/html"] = table_html(_drawn(shown))
    return bundle


def widget_bundle(widget: Any) -> Bundle:
    """The output of a widget, which has to bring HTML of its own; LintSeqError if it does not."""
    made = widget._repr_mimebundle_()
    bundle = dict(made[0] if isinstance(made, tuple) else made or {})
    if "text/html" not in bundle:
        raise LintSeqError(f"{type(widget).__name__} says nothing without a kernel: add text/html")
    return bundle | {"text/plain": type(widget).__name__}


def table_html(frame: Frame) -> str:
    """The frame as a plain HTML table, its first rows if it is long."""
    head = "".join(f"<th>{html.escape(name.replace('_', ' '))}</th>" for name in frame.columns)
    rows = "".join(
        "<tr>" + "".join(_cell(name, value) for name, value in row.items()) + "</tr>"
        for row, _ in zip(frame.rows(), range(MAX_ROWS), strict=False)
    )
    more = len(frame) - MAX_ROWS
    rest = f"<p>{more:,} more rows.</p>" if more > 0 else "" if len(frame) else "<p>No rows.</p>"
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{rest}"


def _cell(name: str, value: Any) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        text = {None: "–", True: "yes", False: "no"}.get(value, value)  # type: ignore[arg-type]
        shown = html.escape(str(text))
        return f"<td><pre>{shown}</pre></td>" if "\n" in shown else f"<td>{shown}</td>"
    if isinstance(value, float) and value != value:
        text = "–"
    elif isinstance(value, float) and (name.startswith("share") or name.endswith("share")):
        text = f"{value:.1%}"
    elif isinstance(value, float):
        text = f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    else:
        text = f"{value:,}"
    return f'<td align="right">{text}</td>'


def _claims(claims: Sequence[Claim]) -> Bundle:
    parts = []
    for claim in claims:
        parts.append(f"<p><b>{html.escape(claim.statement)}</b> ({html.escape(claim.place)})</p>")
        if claim.published:
            numbers = [
                {
                    "benchmark": one.benchmark,
                    "model": f"{one.model} {one.variant}".strip(),
                    "quantity": one.quantity if one.k is None else f"pass@{one.k}",
                    "published": f"{one.value:g} {one.unit}",
                    "evidence": one.evidence,
                    "place": f"{one.version}, {one.place}",
                }
                for one in claim.published
            ]
            parts.append(table_html(_frame(numbers)))
    text = "\n".join(f"{claim.statement} ({claim.place})" for claim in claims)
    return {"text/html": "".join(parts), "text/plain": text}


def _judgements(judgements: Iterable[Judgement]) -> Bundle:
    told = [(one.claim.statement, one.verdict, one.words) for one in judgements]
    return _verdicts(told)


def _verdicts(told: Sequence[tuple[str, str, str]]) -> Bundle:
    items = "".join(
        f"<li><b>{html.escape(verdict)}</b>: {html.escape(claim)}<br>{html.escape(words)}.</li>"
        for claim, verdict, words in told
    )
    text = "\n".join(f"{verdict}: {claim}. {words}." for claim, verdict, words in told)
    return {"text/html": f"<ul>{items}</ul>", "text/plain": text}


def _with_notes(bundle: Bundle, notes: Sequence[str]) -> Bundle:
    if not notes:
        return bundle
    items = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
    return {
        "text/html": f"{bundle['text/html']}<p>What limits these numbers:</p><ul>{items}</ul>",
        "text/plain": "\n".join((bundle["text/plain"], *notes)),
    }


def _recorded(found: Recorded) -> Bundle:
    device = found.record.device
    where = str(device.get("gpu") or f"{device.get('cores')} cores of {device.get('machine')}")
    bundle = _with_notes(_verdicts(found.verdicts), found.notes)
    head = f"Recorded {found.record.created[:10]} with profile {found.profile}, on {where}"
    return {
        "text/html": f"<p>{html.escape(head)}.</p>{bundle['text/html']}",
        "text/plain": f"{head}.\n{bundle['text/plain']}",
    }


def _frame(rows: Sequence[Mapping[str, Any]]) -> Frame:
    return Frame({name: [row[name] for row in rows] for name in rows[0]})


def _n_points(trace: Any) -> int:
    values = [getattr(trace, name, None) for name in ("x", "y", "z", "values")]
    return max((len(value) for value in values if value is not None), default=0)


def _axis(figure: Any, name: str) -> str:
    return str(figure.layout[name].title.text or "its values")


def _png(figure: Any) -> bytes | None:
    """The figure as a PNG; None where kaleido or a browser is missing."""
    if importlib.util.find_spec("kaleido") is None:
        return None
    import kaleido
    from choreographer.errors import (
        BrowserFailedError,
        ChromeNotFoundError,
    )

    height = int(figure.layout.height or 420)
    try:
        if not _servers:
            kaleido.start_sync_server(silence_warnings=True)
            _servers.append(atexit.register(kaleido.stop_sync_server, silence_warnings=True))
        return bytes(
            kaleido.calc_fig_sync(
                figure, opts={"format": "png", "width": PNG_WIDTH, "height": height, "scale": 1}
            )
        )
    except (BrowserFailedError, ChromeNotFoundError):
        return None


def _drawn(figure: Any) -> Frame:
    """What a figure draws, trace by trace, as far as it has x and y."""
    rows = []
    for trace in figure.data:
        if getattr(trace, "x", None) is None or getattr(trace, "y", None) is None:
            continue
        for x, y in zip(trace.x, trace.y, strict=False):
            rows.append({"series": trace.name or "", "x": _plain(x), "y": _plain(y)})
    return _frame(rows) if rows else Frame({"series": [], "x": [], "y": []})


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value

"""The histograms of a data set as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintseq_core.data.files import whole_file
from lintseq_core.errors import LintSeqError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lintseq_core.data.counts import Counts

_BLUE = "#0072B2"
_SHOWN_SHARE = 0.995  # the rest, a long tail, is left out and said so
_PNG_SIZE = {"width": 1200, "height": 420, "scale": 2}


def check_plot_path(path: Path) -> None:
    """Return if a picture can be written to `path`; LintSeqError names what is missing."""
    _import_plotly()
    if path.suffix not in (".html", ".png"):
        raise LintSeqError(f"{path}: unknown kind of picture; use .html or .png")
    if path.exists():
        raise LintSeqError(f"{path} exists: choose another --plot or remove it")


def write_plot(counts: Counts, title: str, path: Path) -> None:
    """Write the picture; an .html file stands for itself, a .png needs kaleido and Chromium."""
    figure = make_figure(counts, title)
    if path.suffix == ".html":
        data = figure.to_html(include_plotlyjs=True, full_html=True).encode()
    else:
        try:
            data = figure.to_image(format="png", **_PNG_SIZE)
        except Exception as error:  # plotly, kaleido and Chromium each fail in their own ways
            why = str(error).strip().splitlines()[0]
            raise LintSeqError(
                f"{path}: no picture could be made ({why}): pip install kaleido and install "
                "Chromium, or write .html"
            ) from None
    with whole_file(path) as file:
        file.write(data)


def make_figure(counts: Counts, title: str) -> Any:
    """Three histograms side by side, in shares."""
    _import_plotly()
    from plotly.graph_objects import Bar
    from plotly.subplots import make_subplots

    parts = [
        ("Lines per program", counts.lines_per_program),
        ("Edits per sequence", counts.edits_per_sequence),
        ("Lines per edit", counts.lines_per_edit),
    ]
    figure = make_subplots(
        rows=1, cols=3, subplot_titles=[_subtitle(name, values) for name, values in parts]
    )
    for column, (name, values) in enumerate(parts, start=1):
        shown = _without_tail(values)
        total = sum(values.values())
        bars = Bar(
            x=list(shown),
            y=[count / total for count in shown.values()],
            marker_color=_BLUE,
            name=name,
            hovertemplate="%{x}: %{y:.2%}<extra></extra>",
        )
        figure.add_trace(bars, row=1, col=column)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figure.update_layout(title=title, showlegend=False, template="plotly_white", bargap=0.1)
    return figure


def _subtitle(name: str, values: Mapping[int, int]) -> str:
    from lintseq_core.data.counts import describe

    found = describe(values)
    if not found.count:
        return f"{name} (none)"
    hidden = sum(values.values()) - sum(_without_tail(values).values())
    tail = f"; {hidden / found.count:.1%} beyond" if hidden else ""
    return f"{name} (mean {found.mean:.1f}, median {found.median}{tail})"


def _without_tail(values: Mapping[int, int]) -> dict[int, int]:
    total, reached, shown = sum(values.values()), 0, {}
    for value in sorted(values):
        if reached >= _SHOWN_SHARE * total:
            break
        shown[value] = values[value]
        reached += values[value]
    return shown


def _import_plotly() -> None:
    try:
        import plotly  # noqa: F401
    except ImportError:
        raise LintSeqError(
            "--plot needs plotly: pip install 'lintseq-core[dashboard]', or leave it out"
        ) from None

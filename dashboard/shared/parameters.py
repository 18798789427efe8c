"""What the address of each page may hold: one table, from which unknown names are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dashboard.shared.links import unknown

EVERYWHERE = ("files",)
"""What a visitor brought goes along from page to page."""
_LOOKS = ("step", "look", "direction", "xray", "whatif")
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "": (),
    "lessons": ("lesson", "at", "instructor"),
    "docs": ("text",),
    "trajectories": (
        *("program", "source", "code", "file", "row", "method", "linter", "seed", "path", "branch"),
        *("lab", *_LOOKS, "text_view", "tokenizer"),
        *("n", "many_tab", "line", "one", "other", "round"),
    ),
    "generations": (
        *("from", "task", "model", "sample", "see", *_LOOKS, "beside", "beside_sample", "case"),
        *("text_view", "tokenizer"),
        *("ask", "difficulty", "writer", "guard"),
        *("draws", "temperature", "max_tokens", "draw_seed"),
    ),
    "pass_at_k": (
        *("run", "temperature", "tests", "scorer", "passk_view"),
        *("axis", "beyond", "models", "panels", "published", "version", "cost"),
        *("run_a", "run_b", "order", "problem", "problem_run"),
        *("metric", "tau", "forecast_run", "forecast_k", "forecast_axes"),
        *(
            "pilot",
            "plan_k",
            "plan_points",
            "plan_next",
            "plan_ahead",
            "est_p",
            "est_k",
            "est_seed",
        ),
    ),
    "diversity": (
        *("run", "bench", "tests", "scorer", "div_view", "pair", "measure", "k"),
        *("div_run", "div_task", "alike", "same", "first", "second", "gain_a", "gain_b"),
    ),
    "data": (
        *("data", "beside", "data_view", "data_way", "spread", "scorer", "tests"),
        *("where", "find", "case", "order", "page", "row", *_LOOKS),
    ),
}
"""By the page's path. Facets of Data and Generations are `in_` and their names."""


def unknown_parameters(path: str, names: Iterable[str]) -> list[str]:
    """What of `names` in the address the page at `path` does not read, a sentence each."""
    known = (*PARAMETERS.get(path, ()), *EVERYWHERE)
    strange = [
        name
        for name in names
        if name not in known and not (path in ("data", "generations") and name[:3] == "in_")
    ]
    return [unknown("choice in this page's address called", name, known) for name in strange[:5]]

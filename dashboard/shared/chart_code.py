"""Scripts that draw a chart of a page elsewhere, from the same files."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.shared.show import theme_name
from dashboard.trajectories.choice import Choice

THEME = "lintseq_core.charts.theme"


def script(imports: Iterable[str], *parts: str, has_figure: bool = True) -> str:
    """`parts`, one after the other, under their imports: "module name" each, or "module".

    With `has_figure`, the last part makes `figure` and the theme of the page is imported too.
    """
    by_module: dict[str, set[str]] = {}
    plain = set()
    wanted = [*imports, f"{THEME} {theme_name()}"] if has_figure else list(imports)
    for one in wanted:
        module, _, name = one.partition(" ")
        if name:
            by_module.setdefault(module, set()).add(name)
        else:
            plain.add(module)
    standard = [f"import {module}" for module in sorted(plain)]
    ours = [
        f"from {module} import {', '.join(sorted(names))}"
        for module, names in sorted(by_module.items(), key=lambda pair: _place(pair[0]))
    ]
    shown = ["figure.show()"] if has_figure else []
    return "\n".join([*standard, *ours, "", *parts, *shown, ""])


def _place(module: str) -> tuple[bool, str]:
    return module.startswith("lintseq_core"), module


def sequences_code(choice: Choice, n_paths: int) -> tuple[list[str], str]:
    """Imports and lines that sample the first `n_paths` sequences of a program as `orders`."""
    is_lintseq = choice.method == "lintseq"
    how = f'linter=get_linter("{choice.linter}")' if is_lintseq else 'method="randseq"'
    imports = ["lintseq_core Program", "lintseq_core sample_paths"]
    imports += ["lintseq_core get_linter"] * is_lintseq
    lines = [
        f"program = Program.from_file({choice.file!r})",
        f"sequences = sample_paths(program, seed={choice.seed}, n_paths={n_paths}, {how})",
        "orders = read_orders(sequences)",
    ]
    return [*imports, "lintseq_core.charts.orders read_orders"], "\n".join(lines)

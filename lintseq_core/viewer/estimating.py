"""A pass@k widget: one problem, n samples, two estimators, drawn again at a press.

Needs the extra `notebooks`.
"""

from __future__ import annotations

from typing import Any

import ipywidgets
import numpy as np

from lintseq_core.metrics.pass_at_k import pass_at_k
from lintseq_core.metrics.planning import expected_naive, naive_pass_at_k

DRAWS = 400
ESTIMATORS = {"unbiased, 1 − C(n−c, k) / C(n, k)": "unbiased", "naive, 1 − (1 − c/n)^k": "naive"}
_WIDTH, _HEIGHT, _BINS = 720, 150, 48


class PassAtKWidget(ipywidgets.VBox):
    """What an estimator says of pass@k when n samples are drawn of a problem, again and again.

    `n`, `k`, `chance`, `estimator` are controls; `estimates`, `truth` and `c` are what came out.
    """

    def __init__(
        self, *, n: int = 20, k: int = 10, chance: float = 0.1, estimator: str = "unbiased",
        seed: int = 0,
    ) -> None:  # fmt: skip
        wide = {"style": {"description_width": "initial"}, "continuous_update": False}
        self.n = ipywidgets.IntSlider(value=n, min=1, max=200, description="n, samples", **wide)
        self.k = ipywidgets.IntSlider(value=k, min=1, max=200, description="k", **wide)
        self.chance = ipywidgets.FloatSlider(
            value=chance, min=0, max=1, step=0.01, description="chance of a sample", **wide
        )
        self.estimator = ipywidgets.ToggleButtons(
            options=list(ESTIMATORS.items()), value=estimator, style={"button_width": "auto"}
        )
        self.resample = ipywidgets.Button(description="Draw n samples again")
        self.view = ipywidgets.HTML()
        self._rng = np.random.default_rng(seed)
        self._draw()
        for control in (self.n, self.k, self.chance, self.estimator):
            control.observe(self._draw, names="value")
        self.resample.on_click(self._draw)
        wrap = ipywidgets.Layout(flex_flow="row wrap", grid_gap="8px")
        sliders = ipywidgets.HBox([self.n, self.k, self.chance], layout=wrap)
        super().__init__([sliders, self.estimator, self.resample, self.view])

    def _draw(self, _: object = None) -> None:
        n, k, p = self.n.value, self.k.value, self.chance.value
        counts = self._rng.binomial(n, p, DRAWS)
        self.c = int(counts[0])
        estimate = pass_at_k if self.estimator.value == "unbiased" else naive_pass_at_k
        self.truth = 1 - (1 - p) ** k
        self.estimates = np.asarray(estimate(n, counts, k), dtype=np.float64)
        self.view.value = self._words() + self._picture()

    def _words(self) -> str:
        n, k, c = self.n.value, self.k.value, self.c
        name = self.estimator.value
        if k > n and name == "unbiased":
            return (
                f"<p>k = {k} is more than n = {n}: nothing can be drawn without putting back, "
                "so the unbiased estimator says nothing. Raise n or lower k.</p>"
            )
        expected = self.truth if name == "unbiased" else expected_naive(n, self.chance.value, k)
        spread = float(self.estimates.std(ddof=1))
        return (
            f"<p>This time c = {c} of n = {n} samples pass, so pass@{k} is estimated at "
            f"<b>{self.estimates[0]:.3f}</b>. The truth is {self.truth:.3f}. Over all draws the "
            f"{name} estimate is {expected:.3f} on average, {expected - self.truth:+.3f} from the "
            f"truth, with a standard deviation of {spread:.3f}.</p>"
        )

    def _picture(self) -> str:
        known = self.estimates[~np.isnan(self.estimates)]
        if not known.size:
            return ""
        heights, edges = np.histogram(known, bins=_BINS, range=(0, 1))
        scale = (_HEIGHT - 30) / max(1, int(heights.max()))
        width = _WIDTH / _BINS
        bars = "".join(
            f'<rect x="{left * _WIDTH + 1:.1f}" y="{_HEIGHT - 20 - height * scale:.1f}" '
            f'width="{width - 2:.1f}" height="{height * scale:.1f}" fill="#0a5fc4"></rect>'
            for left, height in zip(edges[:-1].tolist(), heights.tolist(), strict=True)
        )
        ticks = "".join(
            f'<text x="{min(max(at * _WIDTH, 10), _WIDTH - 14):.0f}" y="{_HEIGHT - 4}" '
            f'font-size="12" fill="currentColor">{at:g}</text>'
            for at in (0, 0.25, 0.5, 0.75, 1)
        )
        truth = self.truth * _WIDTH
        line = (
            f'<line x1="{truth:.1f}" x2="{truth:.1f}" y1="0" y2="{_HEIGHT - 18}" stroke="#9a4b00" '
            'stroke-width="3" stroke-dasharray="6 3"></line>'
        )
        return (
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="100%" style="max-width:{_WIDTH}px" '
            f'role="img" aria-label="{DRAWS} estimates; the dashed line is the truth, '
            f'{self.truth:.3f}">{bars}{line}{ticks}</svg>'
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The live widget, and its words for where no kernel answers."""
        made = dict(super()._repr_mimebundle_(**kwargs) or {})
        return {**made, "text/html": self._words()}

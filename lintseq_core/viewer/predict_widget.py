"""The exercise "predict the next edit" as a notebook widget.

    from lintseq_core import Program, sample_path
    from lintseq_core.viewer import PredictWidget

    exercise = PredictWidget(sample_path(Program.from_file("program.py"), seed=0))
    exercise           # click lines, press Check
    exercise.score     # Score(right_at_once=2, right=3, answered=4, rounds=6)

Needs the extra `notebooks`.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lintseq_core.edits import EditSequence
from lintseq_core.edits.words import name_lines
from lintseq_core.errors import LintSeqError
from lintseq_core.viewer import predict_css, script
from lintseq_core.viewer.predict import build_predict_payload

try:
    import anywidget
    import traitlets
except ImportError as error:
    raise LintSeqError(
        f"{error.name} is not installed: pip install 'lintseq-core[notebooks]'"
    ) from None


@dataclass(frozen=True, slots=True)
class Score:
    """How the reader did; rounds whose edits were only looked up are not answered."""

    right_at_once: int
    right: int
    answered: int
    rounds: int


class PredictWidget(anywidget.AnyWidget):
    """A round for each state of a sequence: which lines could come next, all at once?

    Any edit that LintSeq could draw there is right, not only the one in the sequence. `round` is
    where the reader is, 0 to `n_rounds` - 1, and can be set; `step` is how many edits its state
    has; `chosen` are the 0-based lines that are marked; `answers` has for each round None or
    {"lines", "tries", "verdict"} with the verdict "drawn" (the sequence's own edit), "legal"
    (another that may come), "wrong" or "shown" (the reader had the edits shown); `score` sums them
    up. Saved with its notebook it leaves plain HTML in its place.
    """

    _esm = script("predict_widget.js")
    _css = predict_css()
    payload = traitlets.Dict().tag(sync=True)
    round = traitlets.Int(0).tag(sync=True)
    chosen = traitlets.List(trait=traitlets.Int()).tag(sync=True)
    answers: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(
        self, sequence: EditSequence, *, title: str = "", steps: Iterable[int] | None = None
    ) -> None:
        """`steps`: the states to ask about, as numbers of edits; default: all that can be.

        LintSeqError for a sequence that is not LintSeq's, or if no step can be an exercise.
        """
        self.sequence = sequence
        payload = build_predict_payload(sequence, title=title, steps=steps)
        super().__init__(payload=payload, answers=[None] * len(payload["rounds"]))

    @property
    def n_rounds(self) -> int:
        """How many states are asked about."""
        return len(self.payload["rounds"])

    @property
    def step(self) -> int:
        """How many edits the state of the round has."""
        return int(self.payload["rounds"][self.round]["step"])

    @property
    def score(self) -> Score:
        """What the answers so far come to."""
        given = [answer for answer in self.answers if answer and answer["verdict"] != "shown"]
        right = [answer for answer in given if answer["verdict"] in ("drawn", "legal")]
        at_once = sum(answer["tries"] == 1 for answer in right)
        return Score(at_once, len(right), len(given), self.n_rounds)

    @traitlets.validate("round")
    def _known(self, proposal: Mapping[str, Any]) -> int:
        return min(max(0, int(proposal["value"])), self.n_rounds - 1)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0]["text/html"] = static_html(self.payload, self.round)
        return bundle


def static_html(payload: Mapping[str, Any], index: int = 0) -> str:
    """A round as plain HTML without script or style: the state, and its edits folded away."""
    asked = payload["rounds"][index]
    numbered = [
        f"{number:>{len(str(len(payload['lines'])))}} {'  ' if birth < asked['step'] else '? '}"
        f"{html.escape(line)}"
        for number, (line, birth) in enumerate(
            zip(payload["lines"], payload["births"], strict=True), start=1
        )
    ]
    items = "".join(
        f"<li>{name_lines(lines)}: {share:.0%}{', drawn here' if at == asked['drawn'] else ''}</li>"
        for at, (lines, share, *_) in enumerate(asked["edits"][:20])
    )
    more = len(asked["edits"]) - 20
    rest = f"<p>and {more} more</p>" if more > 0 else ""
    return (
        f"<p><b>{html.escape(payload['title'] or 'Predict the next edit')}</b>: "
        f"{asked['step']} edit(s) have been made. Which of the lines with ? could the next one "
        f"insert, all at once?</p><pre>{chr(10).join(numbered)}</pre>"
        f"<details><summary>{len(asked['edits'])} edit(s) may come here</summary>"
        f"<ol>{items}</ol>{rest}</details>"
    )

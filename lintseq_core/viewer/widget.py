"""The player as a notebook widget, for JupyterLab and everything else that shows anywidgets.

    from lintseq_core import Program, sample_paths
    from lintseq_core.viewer.widget import PlayerWidget

    PlayerWidget(sample_paths(Program.from_file("program.py"), n_paths=5))

Needs the extra `notebooks`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

from lintseq_core.edits import EditSequence
from lintseq_core.edits.branch import branch, lines_at
from lintseq_core.errors import LintSeqError
from lintseq_core.linting import get_linter
from lintseq_core.viewer import build_payload, player_css, script
from lintseq_core.viewer.static import sequence_html
from lintseq_core.viewer.whatif import closures_of_state

try:
    import anywidget
    import traitlets
except ImportError as error:
    raise LintSeqError(
        f"{error.name} is not installed: pip install 'lintseq-core[notebooks]'"
    ) from None


class PlayerWidget(anywidget.AnyWidget):
    """Plays edit sequences: the keys n and p go from one to the next, what-if branches them.

    `step` is where the reader is, 0 to `sequence.n_edits`, and can be set; `index` is which of
    `sequences` is shown. A branch is added to them behind the sequence that it left.
    """

    _esm = script("widget.js")
    _css = player_css()
    payload = traitlets.Dict().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    can_branch = traitlets.Bool(False).tag(sync=True)
    index = traitlets.Int(0)

    def __init__(
        self,
        sequences: EditSequence | Iterable[EditSequence],
        *,
        title: str = "",
        step: int = 0,
        seed: int = 0,
    ) -> None:
        """`seed`: of the draws of branches. LintSeqError for no sequence."""
        given = [sequences] if isinstance(sequences, EditSequence) else list(sequences)
        if not given:
            raise LintSeqError("no edit sequence to play: give at least one")
        self.sequences = given
        self._title = title
        self._rng = random.Random(seed)
        super().__init__()
        self.on_msg(self._answer)
        self._show()
        self.step = step

    @property
    def sequence(self) -> EditSequence:
        """The edit sequence that is shown."""
        return self.sequences[self.index]

    def play(self, sequences: Iterable[EditSequence], *, title: str = "") -> None:
        """Show these in place of those shown, from the first state of the first on."""
        given = list(sequences)
        if not given:
            raise LintSeqError("no edit sequence to play: give at least one")
        self.sequences, self._title = given, title
        with self.hold_sync():
            self.step = 0
            self.index = 0
            self._show()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The live player, and all its edits as HTML for where no kernel answers."""
        made = super()._repr_mimebundle_(**kwargs)
        if made is None:
            return None
        return {**made[0], "text/html": sequence_html(self.sequence, title=self._title)}, made[1]

    @traitlets.observe("index")
    def _show(self, _: object = None) -> None:
        many = len(self.sequences) > 1
        place = f"{self.index + 1} of {len(self.sequences)}" if many else ""
        title = " · ".join(part for part in (self._title, place) if part)
        with self.hold_sync():
            self.can_branch = self.sequence.linter_name == "pyflakes"
            self.payload = build_payload(self.sequence, title=title)

    @traitlets.validate("step")
    def _within(self, proposal: Mapping[str, Any]) -> int:
        return min(max(0, int(proposal["value"])), self.sequence.n_edits)

    @traitlets.validate("index")
    def _known(self, proposal: Mapping[str, Any]) -> int:
        return min(max(0, int(proposal["value"])), len(self.sequences) - 1)

    def _answer(self, _: object, message: Any, __: object) -> None:
        """What the player asks: another sample, the closures of a state, a branch."""
        match message:
            case {"kind": "sample", "delta": int(delta)}:
                self._go(self.index + delta, 0)
            case {"kind": "whatif", "step": int(step)} if self.can_branch:
                present = lines_at(self.sequence, step)
                state = closures_of_state(self.sequence.program, present, get_linter("pyflakes"))
                about = {"id": self.payload["id"], "step": step, "state": state}
                self.send({"kind": "closures", **about})
            case {"kind": "branch", "step": int(step), "line": int(line)} if self.can_branch:
                old = self.sequence
                linter = get_linter("pyflakes")
                new = branch(old, step, line, linter=linter, rng=self._rng)
                self.sequences.insert(self.index + 1, new)
                self._go(self.index + 1, new.n_edits - (old.n_edits - step))

    def _go(self, index: int, step: int) -> None:
        with self.hold_sync():
            self.index = index
            self.step = step

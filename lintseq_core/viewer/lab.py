"""The player with controls around it, for notebooks: program, linter, seed and s.

Needs the extra `notebooks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets

from lintseq_core.edits import EditSequence, sample_paths
from lintseq_core.errors import LinterUnavailable, LintSeqError
from lintseq_core.linting import get_linter
from lintseq_core.programs import Program
from lintseq_core.viewer.static import sequence_html
from lintseq_core.viewer.widget import PlayerWidget

METHODS = {
    "LintSeq, pyflakes": "pyflakes",
    "LintSeq, ruff": "ruff",
    "LintSeq, pylint": "pylint",
    "LintSeq, syntax check only": "syntax",
    "RandSeq, no linter": "randseq",
}
MOST_LINES = {"pylint": 25, "ruff": 120}
"""So that an answer takes seconds: pylint takes 0.1 s for each state, ruff 0.02 s."""
MOST_S = 20


class TrajectoryLab(ipywidgets.VBox):
    """Choose a program and how it is taken apart, step through it, read the place back.

    `player.step`, `player.index` and `sequence` follow the reader, and can be set.
    """

    def __init__(
        self,
        programs: Mapping[str, Program],
        *,
        program: str = "",
        linter: str = "pyflakes",
        seed: int = 0,
        s: int = 5,
        step: int = 0,
    ) -> None:
        """Starts with the program of this name, the first by default."""
        if not programs:
            raise LintSeqError("no program to take apart: give at least one")
        if program and program not in programs:
            raise LintSeqError(f"no program {program!r}; there are {', '.join(programs)}")
        self.programs = dict(programs)
        described = {"style": {"description_width": "initial"}}
        self.program = ipywidgets.Dropdown(
            options=list(programs), value=program or next(iter(programs)), description="Program",
            **described,
        )  # fmt: skip
        options = [(name, key) for name, key in METHODS.items() if _can_run(key)]
        self.linter = ipywidgets.Dropdown(
            options=options, value=linter, description="Method", **described
        )
        self.seed = ipywidgets.BoundedIntText(
            value=seed, min=0, max=10**9, description="Seed", **described
        )
        self.s = ipywidgets.IntSlider(
            value=s, min=1, max=MOST_S, description="s, sequences", continuous_update=False,
            **described,
        )  # fmt: skip
        self.said = ipywidgets.HTML()
        self.player = PlayerWidget(self._sample(), title=self.program.value, step=step)
        self._tell()
        for control in (self.program, self.linter, self.seed, self.s):
            control.observe(self._again, names="value")
        wrap = ipywidgets.Layout(flex_flow="row wrap", grid_gap="8px")
        controls = ipywidgets.HBox([self.program, self.linter, self.seed, self.s], layout=wrap)
        super().__init__([controls, self.said, self.player])

    @property
    def sequence(self) -> EditSequence:
        """The edit sequence that is shown."""
        return self.player.sequence

    def _sample(self) -> list[EditSequence]:
        program, how = self.programs[self.program.value], self.linter.value
        common: dict[str, Any] = {"seed": self.seed.value, "n_paths": self.s.value}
        if how == "randseq":
            return list(sample_paths(program, method="randseq", **common))
        return list(sample_paths(program, linter=get_linter(how), **common))

    def _again(self, _: object) -> None:
        n_lines = len(self.programs[self.program.value].lines)
        limit = MOST_LINES.get(self.linter.value)
        if limit is not None and n_lines > limit:
            self.said.value = (
                f"{self.linter.label} would take long on {n_lines} lines: here up to {limit}. "
                "The sequences before stay."
            )
            return
        self.player.play(self._sample(), title=self.program.value)
        self._tell()

    def _tell(self) -> None:
        sequences = self.player.sequences
        distinct = len({one.birth_steps for one in sequences})
        edits = sum(one.n_edits for one in sequences) / len(sequences)
        self.said.value = (
            f"{len(sequences)} sequences, {distinct} of them different, {edits:.1f} edits on "
            "average. Click the player; ← → step, n p change the sequence, x explains, w asks "
            "what goes with a line."
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The live lab, and the edits of the sequence shown for where no kernel answers."""
        made = dict(super()._repr_mimebundle_(**kwargs) or {})
        how = sequence_html(self.sequence, title=self.program.value)
        return {
            **made,
            "text/html": f"<p>{self.said.value.split('. ')[0]}.</p>{how}",
        }


def _can_run(key: str) -> bool:
    if key == "randseq":
        return True
    try:
        get_linter(key).lint("x = 1\n")
    except LinterUnavailable:
        return False
    return True

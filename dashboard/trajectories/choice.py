"""What the reader chose: one edit sequence, and how to make it elsewhere.

Nothing is sampled or drawn here: pages hand a choice to `loaders`.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

MAX_BRANCHES = 20
Branch = tuple[int, int]
"""The step of the state, and the 0-based line that was let go from it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A program and how its sequence is drawn; `branches` are followed one after the other."""

    title: str
    text: str
    method: str
    linter: str
    seed: int
    path: int
    """Of the sequence, from 0."""
    branches: tuple[Branch, ...] = ()

    @property
    def file(self) -> str:
        return self.title if re.fullmatch(r"[\w.-]+\.py", self.title, re.ASCII) else "program.py"

    @property
    def tool(self) -> str:
        """The options of the command that name the method or the linter."""
        return "--method randseq" if self.method == "randseq" else f"--linter {self.linter}"

    def as_command(self) -> str | None:
        """The command that prints this sequence; None for a branch, which has no command."""
        if self.branches:
            return None
        options = f"--seed {self.seed}" + (f" --path {self.path}" if self.path else "")
        return f"lintseq sample {shlex.quote(self.file)} {self.tool} {options}"

    def as_python(self) -> str:
        """A script that makes this sequence."""
        how = (
            'method="randseq"'
            if self.method == "randseq"
            else f'linter=get_linter("{self.linter}")'
        )
        lines = [
            "from lintseq_core import Program, get_linter, path_rng, sample_path",
            "",
            f'program = Program.from_file("{self.file}")',
            f"sequence = sample_path(program, seed={self.seed}, path_index={self.path}, {how})",
        ]
        for step, line in self.branches:
            lines.append(
                f"sequence = branch(sequence, {step}, {line}, "
                f'linter=get_linter("{self.linter}"), '
                f"rng=path_rng({self.seed}, program.id, {self.path}))"
            )
        if self.branches:
            lines.insert(1, "from lintseq_core.edits.branch import branch")
        return "\n".join([*lines, 'print(*sequence.edits(), sep="\\n\\n")', ""])


def pack_branches(branches: tuple[Branch, ...]) -> str:
    """`branches` for the link: "12.5,3.0", lines counted from 0."""
    return ",".join(f"{step}.{line}" for step, line in branches)


def unpack_branches(value: str) -> tuple[Branch, ...] | None:
    """What `pack_branches` wrote, or None."""
    if not value:
        return ()
    parts = value.split(",")
    if len(parts) > MAX_BRANCHES:
        return None
    matches = [re.fullmatch(r"([0-9]{1,6})\.([0-9]{1,6})", part) for part in parts]
    return tuple((int(m[1]), int(m[2])) for m in matches if m) if all(matches) else None

"""What the reader chose: one edit sequence, and how to make it elsewhere.

Nothing is sampled or drawn here: pages hand a choice to `loaders`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dashboard.shared.calls import Code, call, code, script
from dashboard.shared.commands import command_line
from lintseq_core import EditSequence, Program, get_linter, path_rng, sample_path
from lintseq_core.cli.sample import sample
from lintseq_core.edits.branch import branch

MAX_BRANCHES = 20
Branch = tuple[int, int]
"""The step of the state, and the 0-based line that was let go from it."""


@dataclass(frozen=True, slots=True)
class SequenceChoice:
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
    def way(self) -> dict[str, str]:
        """What `lintseq sample` is told of the method or the linter."""
        return {"method": self.method} if self.method == "randseq" else {"linter": self.linter}

    @property
    def way_in_python(self) -> dict[str, object]:
        """What `sample_path` and `sample_paths` are told of it."""
        if self.method == "randseq":
            return {"method": self.method}
        return {"linter": call(get_linter, self.linter)}

    def as_command(self, file: str = "") -> str | None:
        """The command that prints this sequence, of `file` if it is given; None for a branch."""
        if self.branches:
            return None  # no command draws one
        name, path = file or self.file, self.path or None
        return command_line(sample, file=name, **self.way, seed=self.seed, path=path)

    def as_python(self) -> str:
        """A script that makes this sequence."""
        program, sequence = Code("program"), Code("sequence")
        sampled = call(
            sample_path, program, seed=self.seed, path_index=self.path, **self.way_in_python
        )
        rng = call(path_rng, self.seed, code("program.{}", Program.id), self.path)
        linter = call(get_linter, self.linter)
        branches = [
            call(branch, sequence, step, line, linter=linter, rng=rng)
            for step, line in self.branches
        ]
        return script(
            code("program = {}", call(Program.from_file, self.file)),
            *(code("sequence = {}", made) for made in (sampled, *branches)),
            code(r'print(*{}, sep="\n\n")', call(EditSequence.edits, sequence)),
        )


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

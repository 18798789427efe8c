"""What decides the bytes of a data set: equal settings and an equal source give equal files."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from lintseq_core.edits.formats import UNIFIED, EditFormatName, get_format
from lintseq_core.errors import LintSeqError

Method = Literal["lintseq", "randseq", "whole"]
Layout = Literal["lintseq", "pylintseq", "messages", "prompt-completion"]
Engine = Literal["auto", "incremental", "reference"]
TEXT_LAYOUTS: tuple[Layout, ...] = ("messages", "prompt-completion")
"""Those whose rows hold model text; "lintseq" holds edits in none, "pylintseq" in the paper's."""
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

PAPER_SAMPLES = 5  # the paper's s
MAX_ROW_BYTES = 10 * 2**20
MAX_LINES = 5_000
CPU_LIMIT_S = 60.0
SHARD_ROWS = 1_024


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """How one data set is made; every field but the last group decides its bytes."""

    program_field: str
    """Where a row holds its program or the answer around it; dots lead into nested values."""
    instruction_field: str | None
    """None: rows have no instruction, the data set's is empty."""
    input_field: str | None = None
    """Whose text, where a row has some, goes below the instruction: Alpaca's `input`."""
    method: Method = "lintseq"
    samples: int = PAPER_SAMPLES
    seed: int = 0
    linter: str = "pyflakes"
    engine: Engine = "auto"
    indent_bias: int | None = 1
    layout: Layout = "lintseq"
    reasons: bool = False
    """Whether rows of the layout "lintseq" say why lines belong together."""
    eos: str = ""
    """Added to the end of the model text of "messages" and "prompt-completion"."""
    edit_format: EditFormatName = UNIFIED
    """How edits are written in the model text of these two."""
    dedup: bool = True
    near_dedup: float | None = None
    """Estimated Jaccard similarity from which a program counts as a copy; None: not looked for."""
    limit: int | None = None
    """Read only this many rows."""
    max_lines: int = MAX_LINES
    max_row_bytes: int = MAX_ROW_BYTES
    cpu_limit_s: float = CPU_LIMIT_S
    """CPU seconds one program may take. A safety net: it alone depends on the machine."""
    shard_rows: int = SHARD_ROWS
    """Rows of the source after which work is safe on the disk."""

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise LintSeqError(f"samples is {self.samples}: use 1 or more")
        if self.near_dedup is not None and not 0 < self.near_dedup <= 1:
            raise LintSeqError(f"near_dedup is {self.near_dedup}: use a number above 0, at most 1")
        if self.near_dedup is not None and not self.dedup:
            raise LintSeqError("near_dedup needs dedup: leave out --no-dedup")
        if self.engine == "incremental" and self.linter != "pyflakes":
            raise LintSeqError(
                f"the incremental engine is for pyflakes, not for {self.linter!r}: "
                "leave out --engine"
            )
        if self.method == "whole" and self.layout in ("lintseq", "pylintseq"):
            raise LintSeqError(
                f"the layout {self.layout!r} holds edits and method 'whole' has none: "
                "choose --layout prompt-completion or messages"
            )
        if self.method == "whole" and self.samples != 1:
            raise LintSeqError(
                f"samples is {self.samples}: method 'whole' has one row per program, leave it out"
            )
        get_format(self.edit_format)
        if self.edit_format != UNIFIED and self.method == "whole":
            raise LintSeqError("method 'whole' has no edits: leave out --edit-format")
        if self.edit_format != UNIFIED and self.layout not in TEXT_LAYOUTS:
            raise LintSeqError(
                f"rows of the layout {self.layout!r} hold no text in the format "
                f"{self.edit_format}: choose --layout prompt-completion or messages, or name the "
                "format where a model is trained on them (lintseq train --edit-format)"
            )
        if self.reasons and self.layout != "lintseq":
            raise LintSeqError(f"the layout {self.layout!r} has no place for reasons")

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, for reports and comparisons."""
        return asdict(self)


def default_layout(method: Method) -> Layout:
    """The layout a method is written in unless another is asked for."""
    return "prompt-completion" if method == "whole" else "lintseq"


def describe_versions(linter_version: str) -> dict[str, str]:
    """The versions that can change a data set: part of what a resumed build must have equal."""
    from lintseq_core import __version__

    return {
        "lintseq": __version__,
        "python": platform.python_version(),
        "linter": linter_version,
    }

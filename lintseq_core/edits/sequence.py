"""An edit sequence: a program and, for each of its lines, the edit that inserts it and why.

What sampling returns and files hold. It draws and lints nothing: states, hunks, model text and
JSON follow from the birth step of each line.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lintseq_core.edits.formats import UNIFIED, edit_texts, model_text
from lintseq_core.edits.hunks import Edit, edits_from_birth_steps
from lintseq_core.edits.reasons import Reason, reason_from_dict, reason_to_dict
from lintseq_core.errors import RecordError
from lintseq_core.json_text import json_fault, json_text
from lintseq_core.programs import Program

SCHEMA_VERSION = 1
Method = Literal["lintseq", "randseq"]
Compat = Literal["upstream"]


@dataclass(frozen=True, slots=True)
class EditSequence:
    """How one program is written, edit by edit, from the empty text to the whole.

    States, diffs and model text are derived from `birth_steps`; every edit only inserts lines.
    """

    program: Program
    birth_steps: tuple[int, ...]
    """For each line, the 0-based index of the edit that inserts it."""
    reasons: tuple[Reason, ...]
    """For each line, why it is part of that edit; empty if a stored row leaves that out."""
    method: Method
    linter_name: str = "none"
    linter_version: str = "0"
    indent_bias: int | None = None
    compat: Compat | None = None
    """"upstream" if the authors' rules were followed (`edits.upstream`)."""
    seed: int | None = None
    """With `path_index`, the stream it was drawn from (`seeds.path_rng`); None if another was."""
    path_index: int | None = None
    python_version: str = field(default_factory=platform.python_version)
    """The parser's: where it notices an error can differ between minor versions."""

    @property
    def n_edits(self) -> int:
        """How many edits write the program."""
        return max(self.birth_steps) + 1

    def states(self) -> Iterator[str]:
        """The program after 0, 1, ... `n_edits` edits: from "" to the whole text."""
        for step in range(self.n_edits + 1):
            yield "".join(
                f"{line}\n"
                for line, birth in zip(self.program.lines, self.birth_steps, strict=True)
                if birth < step
            )

    def hunks(self) -> tuple[Edit, ...]:
        """The hunks of each edit."""
        return edits_from_birth_steps(self.program.lines, self.birth_steps)

    def edits(self, edit_format: str = UNIFIED) -> tuple[str, ...]:
        """The text of each edit; in the paper's format a diff without context or file header."""
        return edit_texts(self.hunks(), edit_format=edit_format)

    def to_model_text(
        self, instruction: str = "", eos: str = "", edit_format: str = UNIFIED
    ) -> str:
        """What a model is trained on: `instruction`, then each edit after "\\n<|diff|>", closed."""
        return model_text(self.hunks(), instruction=instruction, eos=eos, edit_format=edit_format)

    def to_json(self, *, with_reasons: bool = True) -> str:
        """One line of JSON, read back by `from_json`."""
        return json_text(self.to_record(with_reasons=with_reasons), ensure_ascii=False)

    def to_record(self, *, with_reasons: bool = True) -> dict[str, Any]:
        """What `to_json` writes, as JSON-safe values."""
        record: dict[str, Any] = {
            "schema_version": SCHEMA_VERSION,
            "program_id": self.program.id,
            "method": self.method,
            "linter": {"name": self.linter_name, "version": self.linter_version},
            "indent_bias": self.indent_bias,
            "compat": self.compat,
            "seed": self.seed,
            "path_index": self.path_index,
            "python_version": self.python_version,
            "lines": list(self.program.lines),
            "birth_steps": list(self.birth_steps),
        }
        if with_reasons:
            record["reasons"] = [reason_to_dict(reason) for reason in self.reasons]
        return record

    @classmethod
    def from_json(cls, record: str | dict[str, Any]) -> EditSequence:
        """The sequence `to_json` wrote. RecordError names the first field that does not fit.

        Checks the form only; that the program parses and every state is free of new findings is
        checked by `edits.verify.verify_sequence`.
        """
        if isinstance(record, str):
            try:
                record = json.loads(record)
            except (ValueError, RecursionError) as error:
                raise RecordError(json_fault(error)) from None
        return _from_record(record)


def _from_record(record: Any) -> EditSequence:
    if not isinstance(record, dict):
        raise RecordError(f"expected a JSON object, found {type(record).__name__}")
    version = record.get("schema_version")
    if version != SCHEMA_VERSION:
        raise RecordError(
            f"is {version!r}; this release reads {SCHEMA_VERSION}",
            field="schema_version",
            remedy="write the row with `lintseq sample --format json`",
        )
    lines = _typed(record, "lines", list)
    if not lines or not all(isinstance(line, str) and "\n" not in line for line in lines):
        raise RecordError("expected one string per line, none with a newline in it", field="lines")
    try:
        "".join(lines).encode()
    except UnicodeEncodeError as error:
        raise RecordError(f"{error.reason}: {error.object[error.start]!r}", field="lines") from None
    births = _typed(record, "birth_steps", list)
    _check_births(births, len(lines))
    reasons = _typed(record, "reasons", list) if "reasons" in record else []
    if reasons and len(reasons) != len(lines):
        raise RecordError(f"{len(reasons)} for {len(lines)} lines", field="reasons")
    method, compat = record.get("method"), record.get("compat")
    if method not in ("lintseq", "randseq"):
        raise RecordError(f"{method!r} is neither 'lintseq' nor 'randseq'", field="method")
    if compat not in (None, "upstream"):
        raise RecordError(f"{compat!r} is neither null nor 'upstream'", field="compat")
    linter = _typed(record, "linter", dict)
    program = Program("".join(f"{line}\n" for line in lines))
    if record.get("program_id", program.id) != program.id:
        raise RecordError("is not the sha256 of lines: the row was changed", field="program_id")
    return EditSequence(
        program=program,
        birth_steps=tuple(births),
        reasons=tuple(_read_reasons(reasons, len(lines))),
        method=method,
        linter_name=_typed(linter, "name", str, of="linter."),
        linter_version=_typed(linter, "version", str, of="linter."),
        indent_bias=_typed(record, "indent_bias", int | None),
        compat=compat,
        seed=_typed(record, "seed", int | None),
        path_index=_typed(record, "path_index", int | None),
        python_version=_typed(record, "python_version", str),
    )


def _read_reasons(values: Sequence[Any], n_lines: int) -> Iterator[Reason]:
    for index, value in enumerate(values):
        try:
            yield reason_from_dict(value, n_lines)
        except RecordError as error:
            raise RecordError(error.what, field=f"reasons[{index}]") from None


def _typed(record: dict[str, Any], name: str, kind: Any, *, of: str = "") -> Any:
    value = record.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        expected = getattr(kind, "__name__", str(kind))
        raise RecordError(f"expected {expected}, found {value!r:.60}", field=f"{of}{name}")
    return value


def _check_births(births: Sequence[Any], n_lines: int) -> None:
    if len(births) != n_lines:
        raise RecordError(f"{len(births)} for {n_lines} lines", field="birth_steps")
    for index, birth in enumerate(births):
        if not isinstance(birth, int) or isinstance(birth, bool) or not 0 <= birth < n_lines:
            raise RecordError(
                f"{birth!r} is no edit of {n_lines} lines", field=f"birth_steps[{index}]"
            )
    if empty := sorted(set(range(max(births) + 1)) - set(births)):
        raise RecordError(f"edit {empty[0]} inserts no line", field="birth_steps")

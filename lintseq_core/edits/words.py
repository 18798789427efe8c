"""Reasons in English, for the terminal and the viewer alike; line numbers are 1-based here.

An edit is told in one of two directions: taking apart, in the order in which its lines were
deleted (`describe_edit`), or writing, as lines that come (`describe_writing`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby

from lintseq_core.edits.reasons import Dependent, Drawn, FromFinding, Leftover, Reason
from lintseq_core.edits.sequence import EditSequence
from lintseq_core.programs import Program
from lintseq_core.programs.blocks import Relation

_RELATIONS: dict[Relation, str] = {
    "statement": "is part of the same statement as line {}",
    "string": "is part of the same string as line {}",
    "decorator": "belongs together with line {}, a decorator and its definition",
    "block": "is inside the block of line {}",
    "clause": "is in a clause of the statement on line {}",
    "indent": "is indented under line {}",
}
_EMPTY_BLOCK = re.compile(r"expected an indented block after (.+) on line$")


def describe_reason(
    program: Program, line_index: int, reason: Reason, *, writing: bool = False
) -> str:
    """A phrase that follows the number of the line: "uses `total`, which line 3 brings".

    `writing`: as lines come; else as they went.
    """
    match reason:
        case Drawn():
            return "was drawn at random"
        case Leftover() if writing:
            return "stands there from the start (blank lines and comments are never drawn)"
        case Leftover():
            return "was never drawn (blank lines and comments never are)"
        case Dependent(of=of, relation=relation):
            return _RELATIONS[relation].format(of + 1)
        case FromFinding():
            return _describe_finding(program, line_index, reason, writing)


def describe_line(sequence: EditSequence, line_index: int, *, writing: bool = False) -> str:
    """Why line `line_index` (0-based) is part of its edit, as a phrase of `describe_reason`."""
    if not sequence.reasons:
        return "is part of this edit; the file does not say why"
    reason = sequence.reasons[line_index]
    if writing and isinstance(reason, Drawn):
        others = len(_lines_of(sequence, sequence.birth_steps[line_index])) - 1
        if sequence.method == "randseq":
            return "comes by chance"
        return "is needed by the others" if others else "comes alone"
    return describe_reason(sequence.program, line_index, reason, writing=writing)


def describe_edit(sequence: EditSequence, edit_index: int) -> tuple[str, ...]:
    """Why the lines of edit `edit_index` (0-based) went together, one sentence per reason.

    Runs of neighbouring lines with one reason share a sentence; the drawn line comes first.
    """
    lines = _lines_of(sequence, edit_index)
    if sequence.method == "randseq":
        return (f"{name_lines(lines)}: drawn at random, without a linter.",)
    if not sequence.reasons:
        return (f"{name_lines(lines)}: the file does not say why.",)
    return describe_reasons(sequence.program, {i: sequence.reasons[i] for i in lines})


def describe_writing(sequence: EditSequence, edit_index: int) -> tuple[str, ...]:
    """Why the lines of edit `edit_index` (0-based) come together, as `describe_edit`."""
    lines = _lines_of(sequence, edit_index)
    if sequence.method == "randseq":
        how = "comes by chance" if len(lines) == 1 else "come together by chance"
        return (f"{name_lines(lines)} {how}: no linter is asked.",)
    if not sequence.reasons:
        return describe_edit(sequence, edit_index)
    reasons = {i: sequence.reasons[i] for i in lines}
    drawn = [i for i in lines if isinstance(reasons[i], Drawn)]
    others = {i: reason for i, reason in reasons.items() if i not in drawn}
    if not drawn:
        return describe_reasons(sequence.program, others, writing=True)
    if not others:
        how = "comes alone" if len(drawn) == 1 else "come alone"
        return (f"{name_lines(drawn)} {how}: no other line so far needs it.",)
    how = "comes with what needs it" if len(drawn) == 1 else "come with what needs them"
    told = describe_reasons(sequence.program, others, writing=True)
    return (f"{name_lines(drawn)} {how}.", *told)


def _lines_of(sequence: EditSequence, edit_index: int) -> tuple[int, ...]:
    return _lines_by_edit(sequence.birth_steps).get(edit_index, ())


@lru_cache(maxsize=4)  # asked for each edit of one sequence after the other
def _lines_by_edit(birth_steps: tuple[int, ...]) -> dict[int, tuple[int, ...]]:
    lines: dict[int, list[int]] = {}
    for line, birth in enumerate(birth_steps):
        lines.setdefault(birth, []).append(line)
    return {birth: tuple(of_edit) for birth, of_edit in lines.items()}


def describe_reasons(
    program: Program, reasons: dict[int, Reason], *, writing: bool = False
) -> tuple[str, ...]:
    """One sentence per run of neighbouring lines with one reason, the drawn line's first."""
    ordered = sorted(reasons.items(), key=lambda item: (not isinstance(item[1], Drawn), item[0]))
    phrases = [
        (index, describe_reason(program, index, reason, writing=writing))
        for index, reason in ordered
    ]
    sentences: list[str] = []
    for phrase, group in groupby(phrases, key=lambda pair: pair[1]):
        run = [index for index, _ in group]
        sentences.append(f"{name_lines(run)} {_agree(phrase, len(run))}.")
    return tuple(sentences)


def name_lines(lines: Sequence[int]) -> str:
    """0-based `lines` as "Line 3", "Lines 3-5 and 9"."""
    ranges: list[str] = []
    for _, group in groupby(enumerate(lines), key=lambda pair: pair[1] - pair[0]):
        run = [line + 1 for _, line in group]
        ranges.append(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}")
    return f"{'Line' if len(lines) == 1 else 'Lines'} {_joined(ranges)}"


def _describe_finding(program: Program, line_index: int, reason: FromFinding, writing: bool) -> str:
    gone = _lower(name_lines(reason.absent))
    bare = reason.arguments[0] if reason.arguments else ""
    if _EMPTY_BLOCK.match(bare):
        inside = _lower(name_lines(_absent_under(program, line_index, "block", reason)))
        if writing:
            return f"needs {inside} in its block"
        return f"has nothing left in its block without {inside}"
    if bare.startswith("expected 'except' or 'finally' block"):
        clauses = _lower(name_lines(_absent_under(program, line_index, "clause", reason)))
        if writing:
            return f"needs {clauses}, its `except` or `finally`"
        return f"has neither `except` nor `finally` without {clauses}"
    if "SyntaxError" in reason.code or reason.code == "E0001":
        how = "parses only with" if writing else "no longer parses without"
        return f"{how} {gone} ({bare.removesuffix(' on line')})"
    name = _missing_name(program, reason)
    if name is not None:
        verb = "exports" if reason.code == "UndefinedExport" else "uses"
        return f"{verb} `{name}`, which {gone} {'brings' if len(reason.absent) == 1 else 'bring'}"
    about = f": {', '.join(reason.arguments)}" if reason.arguments else ""
    return f"gets {reason.code} without {gone}{about}"


def _absent_under(
    program: Program, line_index: int, relation: Relation, reason: FromFinding
) -> Sequence[int]:
    """The absent lines that stood under the line by `relation`; all of them if none did."""
    under = {
        line
        for known, lines in program.structure.dependents[line_index]
        if known == relation
        for line in lines
    }
    return [line for line in reason.absent if line in under] or reason.absent


def _missing_name(program: Program, reason: FromFinding) -> str | None:
    """The name in a finding whose absent lines bind it; None for any other finding."""
    words: list[str] = re.findall(r"\w+", " ".join(reason.arguments))
    for name in words:
        if set(reason.absent) <= program.binding_lines.get(name, frozenset()):
            return name
    return None


def _agree(phrase: str, count: int) -> str:
    """`phrase` with its verb in the number of its subject."""
    if count == 1:
        return phrase
    verb, _, rest = phrase.partition(" ")
    if verb == "no":
        return phrase.replace("no longer parses", "no longer parse", 1)
    plural = {"was": "were", "is": "are", "has": "have"}.get(verb, verb.removesuffix("s"))
    return f"{plural} {rest}".replace(" in its block", " in their blocks", 1).replace(
        ", its `except`", ", their `except`", 1
    )


def _joined(parts: Iterable[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]

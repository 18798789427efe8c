"""Python code out of a chat model's answer: the fenced blocks of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lintseq_core.programs.compiling import TOO_DEEP, compile_source

PYTHON_LABELS = frozenset({"python", "py", "python3", "py3", "ipython", "ipython3"})
_FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})[ \t]*(.*)")
_LABEL = re.compile(r"\{?\.?([A-Za-z0-9_+#-]*)")


@dataclass(frozen=True, slots=True)
class FencedBlock:
    """The code between two fences, without the fences' own indentation."""

    label: str
    """First word after the opening fence, in lower case; "" if there is none."""
    code: str


def find_program(text: str) -> str | None:
    """The Python of an answer: `text` itself if it compiles or has no fence, else its blocks.

    None if there are fences, and all of them hold something else than Python.
    """
    # Paper's code: every answer with a fence is cut. Here: a program may quote one in a docstring,
    # and an answer around a fence never compiles.
    if "```" not in text and "~~~" not in text:
        return text
    try:
        compile_source(text)
    except (SyntaxError, ValueError, OverflowError, *TOO_DEEP):
        return extract_python(text)
    return text


def extract_python(text: str) -> str | None:
    """The blocks labelled Python, joined by a newline as the authors join them.

    Without one: the unlabelled blocks, if no block has another label; `text` where there is no
    fence at all; None where all blocks hold other languages.
    """
    blocks = list(fenced_blocks(text))
    if not blocks:
        return text
    python = [block.code for block in blocks if block.label in PYTHON_LABELS]
    if not python and not any(block.label for block in blocks):
        python = [block.code for block in blocks]
    return "\n".join(python) if python else None


def fenced_blocks(text: str) -> Iterator[FencedBlock]:
    """The fenced blocks of `text` in order; one that is never closed reaches to the end.

    As in CommonMark: a fence is three or more backticks or tildes, closed by at least as many of
    the same on a line of their own. Unlike it, a fence may be indented by more than three spaces,
    as answers do inside lists.
    """
    opened: re.Match[str] | None = None
    code: list[str] = []
    for line in re.split(r"\r\n|\r|\n", text):
        fence = _FENCE.fullmatch(line)
        if opened is None:
            # Backticks after the label: inline code such as ```x```, no fence.
            if fence is not None and not (fence[2][0] == "`" and "`" in fence[3]):
                opened, code = fence, []
        elif fence is not None and _closes(fence, opened):
            yield _block(opened, code)
            opened = None
        else:
            code.append(_outdent(line, len(opened[1])))
    if opened is not None:
        yield _block(opened, code)


def _closes(fence: re.Match[str], opened: re.Match[str]) -> bool:
    return fence[2][0] == opened[2][0] and len(fence[2]) >= len(opened[2]) and not fence[3].strip()


def _outdent(line: str, width: int) -> str:
    """`line` without the fence's indentation, or without as much of it as it has."""
    here = len(line) - len(line.lstrip(" \t"))
    return line[min(width, here) :]


def _block(opened: re.Match[str], code: list[str]) -> FencedBlock:
    label = _LABEL.match(opened[3])
    return FencedBlock(label[1].lower() if label else "", "\n".join(code))

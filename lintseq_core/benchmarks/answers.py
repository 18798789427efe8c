"""Prompts in the paper's four styles, and the code in what a model answers to them."""

from __future__ import annotations

from lintseq_core.benchmarks.problem import PROMPT_STYLES, BenchmarkError, PromptStyle
from lintseq_core.edits.formats import DIFF_MARKER, apply_edits, parse_edits
from lintseq_core.edits.upstream import resolve_upstream
from lintseq_core.programs.markdown import (
    Answer,
    read_answer,
    with_future_imports_first,
    without_end_markers,
)

_SUFFIXES: dict[PromptStyle, str] = {
    "instruction": "\n",
    "markdown": "\n```python\n",
    "diff": f"\n{DIFF_MARKER}",
}


def styled_prompt(style: PromptStyle, *, completion: str, instruction: str) -> str:
    """`completion` as it is, or `instruction` with the ending of its style."""
    if style == "completion":
        return completion
    return instruction + _SUFFIXES[checked_style(style)]


def checked_style(style: PromptStyle) -> PromptStyle:
    """`style`, if there is such a style; BenchmarkError lists them."""
    if style not in PROMPT_STYLES:
        raise BenchmarkError(f"unknown prompt style {style!r}: one of {', '.join(PROMPT_STYLES)}")
    return style


def answered_code(text: str, style: PromptStyle) -> str:
    """The code in a model's text, as `read_completion` finds it; "" for none."""
    return read_completion(text, style).program or ""


def read_completion(text: str, style: PromptStyle) -> Answer:
    """The code in a model's text: edits applied, what surrounds a fence dropped.

    Text that is no edit is skipped as `parse_edits(strict=False)` says. A "markdown" answer
    continues an open fence, so it ends where that closes; one that opens a fence again, or says
    something first, is read as an answer to an instruction. A "completion" is the code itself.
    """
    checked_style(style)
    text = without_end_markers(text)
    if style == "completion":
        return Answer(text)
    if style == "diff":
        return read_answer(apply_edits(parse_edits(text, strict=False).edits), continues=True)
    return read_answer(text, continues=True, in_fence=style == "markdown")


def put_under(prompt: str, code: str) -> str:
    """`prompt` and, below it, `code`, whose `from __future__` imports come first where they must.

    >>> put_under("import math\\n", "from __future__ import annotations\\nx = 1\\n")
    'from __future__ import annotations\\nimport math\\n\\nx = 1\\n'
    """
    return with_future_imports_first(prompt + code)


def upstream_humaneval_code(text: str, style: PromptStyle) -> str:
    """What the authors' HumanEval harness runs: edits resolved first, then fences cut."""
    if style == "diff":
        text = resolve_upstream(text)
    return _cut_fence(_cut_before(text, "```python"))


def upstream_mbpp_code(text: str, style: PromptStyle) -> str:
    """What the authors' MBPP harness runs: fences cut first, and all up to the first "python"."""
    text = _cut_fence(_cut_before(_cut_before(text, "```python"), "python"))
    return resolve_upstream(text) if style == "diff" else text


def _cut_before(text: str, mark: str) -> str:
    """`text` behind the first `mark`, or all of it."""
    _, mark_in_text, rest = text.partition(mark)
    return rest if mark_in_text else text


def _cut_fence(text: str) -> str:
    return text.partition("```")[0]

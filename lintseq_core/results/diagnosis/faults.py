"""Each fault of a harness that one sample can show: how it is told, and the text without it.

A fault is told by what it left behind, and only where the program is broken by it: a program that
compiles and says what it should is left alone, whatever it quotes in its strings. `MENDS` come in
the order in which harnesses do their work, the last first: what was done to a text last has to be
undone before what lies below it can be read.
"""

from __future__ import annotations

import ast
import builtins
import html
import json
import keyword
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from lintseq_core.benchmarks.mbpp import function_start
from lintseq_core.benchmarks.problem import BenchmarkError
from lintseq_core.edits.formats import DIFF_MARKER, apply_edits, has_hunk, parse_edits
from lintseq_core.programs.bindings import read_binding_lines
from lintseq_core.programs.markdown import END_MARKER, read_answer
from lintseq_core.results.diagnosis.kinds import FaultKind
from lintseq_core.results.diagnosis.reading import (
    Reading,
    asked_function,
    falls_off,
    free_names,
    functions,
    indent_of,
    parameters,
    parsed,
    pattern_of,
    prompt_names,
    returns_outside,
)
from lintseq_core.results.programs import is_edit_text

Mend = Callable[[Reading], str | None]
"""The text without one fault; None where the sample does not have it."""

_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#39|#34|#x27|#x22);", re.IGNORECASE)
_REASONING = re.compile(r"\A.*</think(?:ing)?>[ \t]*\n?|</?think(?:ing)?>", re.DOTALL)
_START_TOKEN = re.compile(
    r"<s>|<bos>|<unk>|</?\[?INST\]?>?|\[/?INST\]|<start_of_turn>(?:model|user)?\n?"
    r"|<\|im_start\|>(?:assistant|user)?\n?|<\|start_header_id\|>\w*<\|end_header_id\|>\s?"
    r"|<(?:fim_(?:prefix|middle|suffix)|filename|file_sep|reponame)>"
    r"|<\|(?!diff)[a-z][a-z_0-9]{1,30}\|>",
    re.IGNORECASE,
)
_BYTE_TOKENS = str.maketrans({"Ġ": " ", "Ċ": "\n", "ĉ": "\t", "▁": " "})
_TYPOGRAPHIC = str.maketrans({
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " ",
    "−": "-", "–": "-", "…": "...",
})  # fmt: skip
_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE)
_TOP_LEVEL = re.compile(r"@|(?:async\s+def|def|class|import|from|if\s+__name__)\b")
_DEFINITION = re.compile(r"^(?:async\s+def|def|class)\s", re.MULTILINE)
_SENTENCE = re.compile(r"[A-Za-z].*[.:!?]")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*[,.:;!?]?")
_LAST_NAME = re.compile(r"([A-Za-z_]\w*)\Z")
_METHODS = {name for kind in (str, list, dict, set) for name in dir(kind)}
_CALLED = {name for name, value in vars(builtins).items() if callable(value) and name.islower()}


def empty(reading: Reading) -> str | None:
    """Nothing is left of it to read: the text itself, which nothing can mend."""
    return None if reading.body.strip() else reading.text


def escaped_newlines(reading: Reading) -> str | None:
    """One line that holds `\\n` where lines should end, as JSON that was written twice."""
    body = reading.body
    if "\n" in body.strip() or ("\\n" not in body and '\\"' not in body) or not reading.is_broken:
        return None
    try:
        lines = json.loads(f'"{body.strip(chr(10))}"')
    except ValueError:
        lines = body.replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"')
    return reading.with_body(lines)


def html_escaped(reading: Reading) -> str | None:
    """`&lt;` for `<` and the like, in place of all of them or so that nothing compiles."""
    body = reading.body
    if "&" not in body or not _ENTITY.search(body):
        return None
    problem = reading.problem
    if _ENTITY.search(problem.reference) or _ENTITY.search(problem.prompt):
        return None
    has_raw = any(mark in _ENTITY.sub("", body) for mark in "<>&")
    if has_raw and not reading.is_broken:
        return None
    return reading.with_body(html.unescape(body))


def reasoning_left(reading: Reading) -> str | None:
    """A draft between `<think>` tags, or all before a lone closing one."""
    if "think" not in reading.text or not reading.is_broken:
        return None
    mended = _REASONING.sub("", reading.body)
    if "</think" not in reading.body and reading.body.lstrip().startswith("<think"):
        mended = ""  # it ends inside its draft
    return reading.with_body(mended) if mended != reading.body else None


def special_tokens(reading: Reading) -> str | None:
    """Tokens of a chat template or tokenizer, which are no Python."""
    text = reading.text
    if not re.search(r"[<\[ĠĊ▁]", text) or not reading.is_broken:
        return None
    mended = text
    end = END_MARKER.search(mended)
    if end is not None and mended[: end.start()].strip():
        mended = mended[: end.start()]
        reading.is_closed = True
    mended = _START_TOKEN.sub("", END_MARKER.sub("", mended))
    if re.search(r"[ĠĊ▁]", mended):
        mended = mended.translate(_BYTE_TOKENS)
    return mended if mended != text else None


def wrong_prompt_style(reading: Reading) -> str | None:
    """Edits, where code was to come."""
    body = reading.body
    if "@@" not in body and DIFF_MARKER not in body:
        return None
    if not reading.is_broken or not (is_edit_text(body) or has_hunk(body)):
        return None
    edits = parse_edits(body, strict=False).edits
    if not edits:
        return None
    program = apply_edits(edits)
    return reading.with_body(program if body.endswith("\n") else program.removesuffix("\n"))


def prompt_repeated(reading: Reading) -> str | None:
    """A prompt or instruction once more, below the prompt or above a program."""
    body, problem = reading.body, reading.problem
    if reading.is_below_prompt:
        asked = [] if reading.is_answer else [problem.prompt, problem.instruction]
    elif reading.has_code_prompt:
        asked = []  # a whole program holds it once
    else:
        first_line = body.lstrip().partition("\n")[0].strip()
        other = reading.asked.get(first_line, problem)  # perhaps a neighbour's
        asked = [one.instruction for one in (problem, other)]
        asked += [one.prompt.partition("\ndef ")[0] for one in (problem, other)]
    for prompt in asked:
        found = pattern_of(prompt)
        if found is not None and len(prompt.split()) > 2 and (match := found.match(body)):
            return reading.with_body(body[match.end() :].removeprefix("\n"))
    return None


def chat_text(reading: Reading) -> str | None:
    """Sentences above the code, or below its last fence or line."""
    if not reading.is_broken:
        return None
    lines = reading.body.split("\n")
    first = _after_sentences(lines)
    last = len(lines)
    fences = [at for at, line in enumerate(lines) if _FENCE.fullmatch(line)]
    if fences:
        behind = lines[fences[-1] + 1 :]
        if any(map(is_sentence, behind)) and len(fences) % 2 == 0:
            last = fences[-1] + 1
            reading.is_closed = True
    else:
        while last > first and (not lines[last - 1].strip() or is_sentence(lines[last - 1])):
            last -= 1
        if not any(map(is_sentence, lines[last:])):
            last = len(lines)
        else:
            reading.is_closed = True
    if (first, last) == (0, len(lines)):
        return None
    return reading.with_body("\n".join(lines[first:last]))


def _after_sentences(lines: list[str]) -> int:
    """The line behind the sentences that `lines` begin with, and behind the blank ones there."""
    found = 0
    for at, line in enumerate(lines):
        if is_sentence(line):
            found = at + 1
        elif line.strip():
            break
    while 0 < found < len(lines) and not lines[found].strip():
        found += 1
    return found


def is_sentence(line: str) -> bool:
    """Whether a line at the left margin is English and no Python."""
    text = line.rstrip()
    if not text or not text[0].isalpha() or any(mark in text for mark in ("```", "==", "=[", "= ")):
        return False
    words = text.split()
    if keyword.iskeyword(words[0].rstrip(":")) and words[0] not in ("True", "False", "None"):
        return False
    plain = sum(bool(_WORD.fullmatch(word.strip("`*_()\"'"))) for word in words)
    looks_so = _SENTENCE.fullmatch(text) or (text[0].isupper() and len(words) >= 4)
    if not looks_so or plain < 0.6 * len(words):
        return False
    return parsed(text)[0] is None and parsed(f"{text}\n    pass")[0] is None


def code_fences(reading: Reading) -> str | None:
    """The code of Markdown blocks, which are no Python themselves."""
    if ("```" not in reading.text and "~~~" not in reading.text) or not reading.is_broken:
        return None
    body = reading.body
    fences = _FENCE.findall(body)
    if not fences:
        return None
    program = read_answer(body, continues=True).program
    if program is None or program == body:
        return None
    reading.is_closed = reading.is_closed or len(fences) > 1 or not body.lstrip().startswith("`")
    return reading.with_body(program)


def typographic_characters(reading: Reading) -> str | None:
    """Quotes, dashes and spaces of a typesetter where Python wants its own."""
    body = reading.body
    if body.isascii() or not reading.is_broken:
        return None
    mended = body.translate(_TYPOGRAPHIC)
    return reading.with_body(mended) if mended != body else None


def prompt_missing(reading: Reading) -> str | None:
    """The rest of a function without its beginning, or a program without the prompt's imports."""
    if reading.is_completion or reading.head:
        return None
    text, problem = reading.text, reading.problem
    tree = reading.tree()
    is_entered = problem.entry_point in functions(tree) if tree else True
    if not _DEFINITION.search(text) or (tree and not is_entered and returns_outside(tree)):
        error = reading.error()
        is_body = isinstance(error, IndentationError) or text[:1] in (" ", "\t")
        if not is_body and tree is not None:
            is_body = returns_outside(tree)
        if not is_body and error is not None:
            is_body = bool(re.search(r"^\s*return\b", text, re.MULTILINE))
        if not is_body:
            return None
        if reading.has_code_prompt:
            return problem.prompt + text
        try:
            start = function_start(problem.reference, problem.entry_point)
        except BenchmarkError:
            return None
        return f"{start}:\n{_indented(text)}"
    if tree is None or not reading.has_code_prompt:
        return None
    missing = free_names(tree) & (prompt_names(problem.prompt) - {problem.entry_point})
    if not is_entered or not missing:
        return None
    return f"{problem.prompt}    pass\n\n{text}"


def _indented(body: str) -> str:
    """`body` as deep as the body of a function at the left margin."""
    lines = body.lstrip("\n").split("\n")
    later = [indent_of(line) for line in lines[1:] if line.strip()]
    if indent_of(lines[0]):
        return "\n".join(lines)
    return "\n".join(_first_indented(lines, min(later, default=0) or 4))


def tabs_and_spaces(reading: Reading) -> str | None:
    """Lines that begin with tabs among others that begin with spaces."""
    if "\t" not in reading.body or not reading.is_broken:
        return None
    lines = reading.program().split("\n")
    has_tabs = any(re.match(r" *\t", line) for line in lines)
    has_spaces = any(re.match(r"\t* ", line) for line in lines)
    if not has_tabs or not has_spaces:
        return None
    return reading.with_body("\n".join(_expanded(line) for line in reading.body.split("\n")))


def _expanded(line: str) -> str:
    white = line[: len(line) - len(line.lstrip(" \t"))]
    return white.expandtabs(4) + line[len(white) :]


def lost_indentation(reading: Reading) -> str | None:
    """A body whose first line, or whose every line, lost its white space."""
    if not reading.is_below_prompt or not (reading.is_broken or _is_asked_function_empty(reading)):
        return None
    lines = reading.body.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return None
    lines = lines[first:]
    wanted = indent_of(reading.problem.prompt.rstrip().rpartition("\n")[2]) or 4
    depth = indent_of(lines[0])
    later = [indent_of(line) for line in lines[1:] if line.strip()]
    if depth >= wanted or lines[0].lstrip()[0] == "#":
        return None
    if depth == 0 and later and min(later) == 0:
        mended = textwrap.indent("\n".join(lines), " " * wanted)
        is_whole = _TOP_LEVEL.match(lines[0]) or _DEFINITION.search("\n".join(lines))
        if is_whole and not reading.is_broken:
            return None
        if is_whole and not _compiles_as(reading, mended):
            return None
    else:
        mended = "\n".join(_first_indented(lines, wanted))
        deep = wanted + 4 if lines[0].rstrip().endswith(":") else wanted
        if _TOP_LEVEL.match(lines[0]) and later and later[0] < deep:
            return None  # a function at the left margin, with its own body
    return reading.with_body(mended)


def _is_asked_function_empty(reading: Reading) -> bool:
    """Whether the prompt's function got no body: what was to be it stands at the left margin."""
    tree = reading.tree()
    asked = functions(tree).get(reading.problem.entry_point) if tree else None
    return asked is not None and all(
        isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) for one in asked.body
    )


def _first_indented(lines: list[str], width: int) -> list[str]:
    return [" " * width + lines[0].lstrip(), *lines[1:]]


def _compiles_as(reading: Reading, body: str) -> bool:
    trial = Reading(
        reading.benchmark, reading.problem, reading.with_body(body), reading.is_completion
    )
    return not trial.is_broken


def other_function(reading: Reading) -> str:
    """The function that was written in place of the one that is asked for; "" for none."""
    problem = reading.problem
    name = problem.entry_point
    body = reading.body
    if not name or re.search(rf"^(?:async\s+def|class|def)\s+{name}\b|^{name}\s*=", body, re.M):
        return ""
    given = prompt_names(problem.prompt) if reading.has_code_prompt else frozenset()
    tree, _ = parsed(body)
    if tree is None:
        names = re.findall(r"^(?:async\s+)?def\s+(\w+)", body, re.MULTILINE)
        return next((one for one in reversed(names) if one not in given), "")
    if name in read_binding_lines(tree):
        return ""
    written = [one for key, one in functions(tree).items() if key not in given]
    asked = asked_function(problem.reference, name)
    if asked is not None:
        n = len(parameters(asked))
        written = [one for one in written if len(parameters(one)) == n] or written
    return written[-1].name if written else ""


def wrong_entry_point(reading: Reading) -> str | None:
    """A function of another name, which is then given the one that is asked for too."""
    other = other_function(reading)
    if not other:
        return None
    return f"{reading.text.rstrip()}\n\n{reading.problem.entry_point} = {other}\n"


MENDS_OF_TEXTS: tuple[tuple[FaultKind, Mend], ...] = (
    ("escaped_newlines", escaped_newlines),
    ("html_escaped", html_escaped),
    ("special_tokens", special_tokens),
    ("prompt_repeated", prompt_repeated),
    ("reasoning_left", reasoning_left),
    ("chat_text", chat_text),
    ("code_fences", code_fences),
    ("wrong_prompt_style", wrong_prompt_style),
    ("typographic_characters", typographic_characters),
)
"""Of what was done to the text, whatever problem it answers."""
MENDS_OF_PROGRAMS: tuple[tuple[FaultKind, Mend], ...] = (
    ("prompt_missing", prompt_missing),
    ("tabs_and_spaces", tabs_and_spaces),
    ("lost_indentation", lost_indentation),
)


# ------------------------------------------------------------------ texts that were cut off


@dataclass(frozen=True, slots=True)
class Cut:
    """That the end of a text is missing."""

    kind: FaultKind
    is_sure: bool
    """False where another reason would leave the same."""


TRUNCATED, AT_A_LINE = Cut("truncated", True), Cut("stop_string", False)


def cut_off(reading: Reading) -> Cut | None:
    """Whether the end of a text is missing, and what took it.

    A limit of tokens leaves a line unfinished. A stop string leaves whole lines, and a function
    that comes to its end without the value that it owes; the limit may happen to fall there too.
    """
    if not ends_open(reading):
        return None
    last = reading.body.rpartition("\n")[2]
    tree = reading.tree()
    if tree is None:
        if not _breaks_at_end(reading):
            return None
        is_header = last.rstrip().endswith(":") and not last.lstrip().startswith(("#", "lambda"))
        return AT_A_LINE if is_header else TRUNCATED
    problem = reading.problem
    asked = asked_function(problem.reference, problem.entry_point)
    owes_value = asked is not None and not falls_off(asked)
    if _ends_in_part(tree, last, owes_value):
        return TRUNCATED
    written = functions(tree).get(problem.entry_point)
    if written is None and (other := other_function(reading)):
        written = functions(tree)[other]
    if written is None:
        only_imports = all(isinstance(one, ast.Import | ast.ImportFrom) for one in tree.body)
        return AT_A_LINE if only_imports and asked is not None else None
    if not owes_value or not falls_off(written):
        return None
    return AT_A_LINE if last.strip() else TRUNCATED


def ends_open(reading: Reading) -> bool:
    """Whether a text ends without a line break, a fence or a marker: it may have gone on."""
    body = reading.body
    return not reading.is_closed and not body.endswith("\n") and bool(body.strip())


def _ends_in_part(tree: ast.Module, last: str, owes_value: bool) -> bool:
    """Whether the last statement is the beginning of one: `retur`, a method without its call."""
    statement: ast.stmt | None = tree.body[-1] if tree.body else None
    while statement is not None and getattr(statement, "body", None):
        branches = [getattr(statement, field, []) for field in ("body", "orelse", "finalbody")]
        statement = next(branch[-1] for branch in reversed(branches) if branch)
    if isinstance(statement, ast.Return) and statement.value is None:
        return owes_value and last.strip() == "return"
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Name | ast.Attribute):
        return True
    word = _LAST_NAME.search(last)
    if word is None:
        return False
    if word.start() and last[word.start() - 1] == ".":
        return word[1] in _METHODS
    bound = read_binding_lines(tree).keys()
    if word[1] in bound:
        return False
    if word[1] in _CALLED:
        return True
    names = bound | set(dir(builtins)) | set(keyword.kwlist)
    return word[1] not in names and any(name.startswith(word[1]) for name in names)


def _breaks_at_end(reading: Reading) -> bool:
    """Whether all before the last statement compiles."""
    program, error = reading.program(), reading.error()
    lines = program.split("\n")
    start = len(lines) - 1 - reading.body.count("\n")
    ends = {len(lines) - 1, len(lines)}
    if error is not None and error.lineno is not None:
        ends.add(error.lineno - 1)
    return any(_is_whole(lines[: max(end, start)]) for end in ends)


def _is_whole(lines: list[str]) -> bool:
    """Whether `lines` compile, or would with a statement or a `finally` after them."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    opened = [line for line in lines if line.strip() == "try:"]
    tails = [
        [],
        [f"{_white(lines[-1])} pass"] if lines else [],
        *([f"{_white(line)}finally: pass"] for line in opened[-1:]),
        *([f"{_white(lines[-1])} pass", f"{_white(line)}finally: pass"] for line in opened[-1:]),
    ]
    return any(parsed("\n".join([*lines, *tail]))[0] is not None for tail in tails)


def _white(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]

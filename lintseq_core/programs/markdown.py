"""Python code out of a chat model's answer: fenced blocks of Markdown, and what models do to them.

One fact carries the reading: outside strings and comments no Python program holds a backtick. So a
fence that stands inside a string cannot end a program that compiles, and the first that stands
outside of strings must. Where a block ends is therefore read off its quotes, in one pass, and
compiling only confirms it.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from lintseq_core.programs.compiling import TOO_DEEP, compiles, parse_source

PYTHON_LABELS = frozenset({"python", "py", "python3", "py3", "ipython", "ipython3"})
NO_PROGRAM_LABELS = frozenset({
    "bash", "sh", "shell", "zsh", "console", "terminal", "shell-session", "cmd", "powershell",
    "text", "txt", "plaintext", "plain", "output", "out", "stdout", "stdin", "input", "log",
    "json", "yaml", "yml", "toml", "ini", "csv", "diff", "pycon", "doctest", "traceback",
})  # fmt: skip
"""Labels of what stands beside a program: its commands, its data, its output."""
_DOCUMENT_LABELS = frozenset({"markdown", "md", "rst", "mdx"})

NO_PYTHON = "no code fence is labelled Python"
UNFINISHED_DRAFT = "the answer ends inside its draft: no closing </think>"

_LABEL = re.compile(r"\{?\.?([A-Za-z0-9_+#-]*)")
_FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})[ \t]*(.*)")
_GLUED = re.compile(r"(.*[^\s`~])[ \t]*(`{3,}|~{3,})[ \t]*([^`~]*)")
_ONE_LINE = re.compile(r"[ \t]*(`{3,})([A-Za-z0-9]+)[ \t]+([^\s`][^`]*)\1[ \t]*")
_QUOTE = re.compile(r"((?:[ \t]{0,3}> ?){1,8})(.*)")
_SENTENCE_END = re.compile(r"[:.!?]\Z")

# Ends of a text or turn, as chat templates and tokenisers write them. `<|diff|>` is none of them.
_END_NAME = (
    r"<\|(?:end[\w .-]{0,30}|eo[dmst]|eot_id|eom_id|im_end|im_sep|return|call|pad|fim_pad|file_sep"
    r"|separator|user)\|>"
    r"|<｜[^｜<>\n]{1,40}｜>"
    r"|</s>|<eos>|<eot>|<eod>|<eos_token>|<pad>|<end_of_turn>|<end_of_text>|<end_of_utterance>"
    r"|<end_of_sentence>|<endoftext>|<turn\|>"
)
END_MARKER = re.compile(_END_NAME, re.IGNORECASE)
_LONGEST_MARKER = 50
_DRAFT_TAG = r"(?:think|thinking|thought|thoughts|reasoning|scratchpad|reflection)"
_DRAFT_START = re.compile(rf"<({_DRAFT_TAG})>", re.IGNORECASE)
_DRAFT_END = re.compile(rf"</{_DRAFT_TAG}>\s*\Z|\A\s*</{_DRAFT_TAG}>", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_MARKS = re.compile(rf"```|~~~|</?{_DRAFT_TAG}>|{_END_NAME}", re.IGNORECASE)
_TILDES_COMPILE = re.compile(r"^[ \t]*~~~+[ \t]*(?:i?py)", re.IGNORECASE | re.MULTILINE)

# A hostile answer may be a megabyte of fences: what costs more than a pass over it is bounded.
_MAX_BLOCKS = 1_000
_MAX_READINGS = 8
"""Of each character, in looking for the ends of blocks, and again in joining them."""
_BODY_OF = "def _():\n    pass\n"


@dataclass(frozen=True, slots=True)
class FencedBlock:
    """The code between two fences, without the fences' own indentation."""

    label: str
    """First word after the opening fence, in lower case; "" if there is none."""
    code: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer holds."""

    program: str | None
    """None: no Python; `why` says it (NO_PYTHON, UNFINISHED_DRAFT)."""
    left_out: int = 0
    """Blocks of Python that do not compile, alone or joined, beside others that do."""
    why: str = ""


def find_program(text: str) -> str | None:
    """The Python of an answer, as `read_answer` finds it; None if it holds none."""
    return read_answer(text).program


def read_answer(text: str, *, continues: bool = False, in_fence: bool = False) -> Answer:
    """The Python of an answer: `text` itself if it compiles or has no fence, else its blocks.

    Blocks are joined by a newline as the authors join them; one that does not compile, alone or
    joined, is left out where others do. Drafts in `<think>` and what follows an end-of-text marker
    are no part of the answer. A text in which nothing compiles is given back as it was read, so
    that whoever compiles it can say why. `continues`: the code may go on inside a function.
    `in_fence`: what was asked ended in an opening fence.
    """
    # Paper's code: every answer with a fence is cut. Here: a program may quote one in a docstring,
    # and an answer around a fence never compiles.
    if not _MARKS.search(text):
        return Answer(text)
    if _compiles(text, continues) and not _is_opened_by_tildes(text):
        return Answer(text)
    answer = without_end_markers(text)
    reader = _Reader(answer, continues, in_fence=in_fence)
    blocks = reader.blocks()
    rest = "\n".join(reader.prose)
    if not blocks:
        if reader.ends_in_draft and not rest.strip():
            return Answer(None, why=UNFINISHED_DRAFT)
        return Answer(rest if reader.is_shortened else answer)
    if not any(block.label or block.code.strip() for block in blocks):
        return Answer(rest)  # fences that hold nothing: what does not compile stands outside
    chosen = _chosen(blocks, continues)
    if chosen is None:
        return Answer(None, why=NO_PYTHON)
    return _joined(chosen, continues)


def extract_python(text: str) -> str | None:
    """The blocks labelled Python, joined; see `read_answer`.

    Without one: the unlabelled blocks, if no block has the label of another programming language;
    `text` where there is no fence at all; None where all blocks hold other languages.
    """
    blocks = fenced_blocks(text)
    if not blocks:
        return text
    chosen = _chosen(blocks, continues=False)
    return None if chosen is None else _joined(chosen, continues=False).program


def fenced_blocks(text: str) -> list[FencedBlock]:
    """The fenced blocks of `text` in order; one that is never closed reaches to the end.

    As in CommonMark: a fence is three or more backticks or tildes, closed by at least as many of
    the same, at most three spaces deeper, and a block quote may hold it. Unlike it: a fence inside
    a string of Python closes nothing; one with a label inside a block opens a new block; prose or
    an end-of-text marker may stand on a fence's line; a fence may be indented by more than three
    spaces, as answers do inside lists; code above a lone closing fence is a block.
    """
    return _Reader(text, continues=False).blocks()


def without_end_markers(text: str) -> str:
    """`text` without the end-of-text markers that it ends in (`<|endoftext|>`, `</s>` ...).

    >>> without_end_markers("x = 1<|im_end|><|endoftext|>")
    'x = 1'
    """
    cut, end = len(text), len(text)
    while True:  # from the back, so that a megabyte of markers costs one pass
        while end and text[end - 1].isspace():
            end -= 1
        start = text.rfind("<", max(0, end - _LONGEST_MARKER), end)
        if start < 0 or not END_MARKER.fullmatch(text, start, end):
            return text[:cut]
        cut = end = start


def with_future_imports_first(source: str) -> str:
    """`source`, its `from __future__ import` lines moved to the top where it compiles only so.

    >>> with_future_imports_first("x = 1\\nfrom __future__ import annotations\\n")
    'from __future__ import annotations\\nx = 1\\n\\n'
    """
    if "__future__" not in source or _compiles(source):
        return source
    try:
        tree = parse_source(source)
    except (SyntaxError, ValueError, OverflowError, *TOO_DEEP):
        return source
    lines = [line.encode("utf-8", "surrogatepass") for line in source.split("\n")]
    moved: list[str] = []
    for node in reversed(tree.body):
        if isinstance(node, ast.ImportFrom) and node.module == "__future__" and node.end_lineno:
            first, last = node.lineno - 1, node.end_lineno - 1
            before, behind = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
            is_alone = not before.strip() and not behind.strip()
            lines[first : last + 1] = [before + (b"" if is_alone else b"pass") + behind]
            moved[:0] = [alias.name for alias in node.names]
    if not moved:
        return source
    rest = b"\n".join(lines).decode("utf-8", "surrogatepass")
    first_line = f"from __future__ import {', '.join(dict.fromkeys(moved))}\n"
    return first_line + rest if _compiles(first_line + rest) else source


def _compiles(source: str, continues: bool = False) -> bool:
    """Whether `source` compiles; `continues`: or does so as the rest of a function."""
    if compiles(source):
        return True
    return continues and source[:1] in " \t\n#" and compiles(_BODY_OF + source)


def _is_opened_by_tildes(source: str) -> bool:
    """Whether a statement of `source` is `~~~python`, which compiles: an unclosed fence."""
    if not _TILDES_COMPILE.search(source):
        return False
    try:
        body = parse_source(source).body
    except (SyntaxError, ValueError, OverflowError, *TOO_DEEP):
        return False
    return any(_is_tilde_fence(node) for node in body)


def _is_tilde_fence(node: ast.stmt) -> bool:
    depth, value = 0, node.value if isinstance(node, ast.Expr) else None
    while isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Invert):
        depth, value = depth + 1, value.operand
    return depth >= 3 and isinstance(value, ast.Name) and value.id.lower() in PYTHON_LABELS


def _is_code(source: str) -> bool:
    """Whether a text that compiles does something: `Sure` and `Answer: yes` compile as well."""
    try:
        body = parse_source(source).body
    except (SyntaxError, ValueError, OverflowError, *TOO_DEEP):
        return True  # it compiles inside a function alone, so it is indented
    return any(
        isinstance(node.value, ast.Call)
        if isinstance(node, ast.Expr)
        else not isinstance(node, ast.AnnAssign) or node.value is not None
        for node in body
    )


def _chosen(blocks: list[FencedBlock], continues: bool) -> list[str] | None:
    """The code of the blocks that hold the program; None if all hold something else."""
    python = [block.code for block in blocks if block.label in PYTHON_LABELS]
    others = {block.label for block in blocks} - PYTHON_LABELS - {""}
    if python or (others - NO_PROGRAM_LABELS):
        return python or None
    unlabelled = [block.code for block in blocks if not block.label]
    if others:  # beside commands or data it may be output: code is what compiles and does something
        checked = unlabelled[:_MAX_BLOCKS]
        unlabelled = [code for code in checked if _compiles(code, continues) and _is_code(code)]
    return unlabelled or None


def _joined(blocks: list[str], continues: bool) -> Answer:
    """The blocks joined by a newline, without those that do not compile, alone or joined."""
    blocks = [code for code in blocks if code.strip()] or blocks
    everything = "\n".join(blocks)
    if len(blocks) == 1 or len(blocks) > _MAX_BLOCKS or _compiles(everything, continues):
        return Answer(everything)
    if (moved := with_future_imports_first(everything)) != everything:
        return Answer(moved)
    kept: list[str] = []
    waiting: list[str] = []
    room = _MAX_READINGS * len(everything) + 100_000
    for code in blocks:
        # What waits may be the head of this block: `try:` in one, `except` in the next.
        for before in dict.fromkeys((tuple(waiting), tuple(waiting[-1:]), ())):
            whole = with_future_imports_first("\n".join([*kept, *before, code]))
            room -= len(whole)
            if room >= 0 and _compiles(whole, continues):
                kept += [*before, code]
                waiting = []
                break
        else:
            if room < 0 and _compiles(code, continues):
                kept.append(code)
            else:
                waiting.append(code)
    if not kept:
        return Answer(everything)
    whole = with_future_imports_first("\n".join(kept))
    return Answer(whole, left_out=len(blocks) - len(kept))


@dataclass(frozen=True, slots=True)
class _Opener:
    indent: str
    fence: str
    label: str

    @property
    def is_python(self) -> bool:
        """Whether its block may be Python, so that its quotes can be read."""
        return self.label in PYTHON_LABELS or not self.label


@dataclass(frozen=True, slots=True)
class _End:
    """Where a block ends: before a column of a line; the number of lines for one never closed."""

    line: int
    column: int = 0
    passes_fences: bool = False
    """Whether fences stand above it in strings."""


_CONTINUED = _Opener("", "```", "python")
"""The fence that a prompt ended in, or that a model forgot."""


class _Reader:
    """Reads one answer from top to bottom."""

    def __init__(
        self, text: str, continues: bool, *, in_fence: bool = False, is_quote: bool = False
    ) -> None:
        self._lines = _LINE_END.split(text)
        self._continues = continues
        self._in_fence = in_fence
        self._is_quote = is_quote
        self._room = self._compile_room = _MAX_READINGS * len(text) + 10_000
        self.prose: list[str] = []
        """The lines outside of blocks and drafts."""
        self.is_shortened = False
        """Whether a draft, or what follows an end marker, was left out."""
        self.ends_in_draft = False

    def blocks(self) -> list[FencedBlock]:
        """The blocks in order."""
        fenced: list[FencedBlock] = []
        at = 0
        while at < len(self._lines) and (behind := self._behind_draft(at)) is not None:
            at = behind
        if (end := self._lone_close(at)) is not None:
            fenced.append(self._block(_CONTINUED, at, end))
            at = self._after(end, _CONTINUED)
        while at < len(self._lines):
            line = self._lines[at]
            if (behind := self._behind_draft(at)) is not None:
                at = behind
            elif (whole := _ONE_LINE.fullmatch(line)) and whole[2].lower() in PYTHON_LABELS:
                fenced.append(FencedBlock(whole[2].lower(), whole[3].rstrip()))
                at += 1
            elif quoted := self._quoted(at):
                inside = _Reader("\n".join(quoted), self._continues, is_quote=True)
                fenced += inside.blocks()
                at += len(quoted)
            elif (opener := _opener(line)) is not None:
                end = self._end(opener, at + 1)
                fenced.append(self._block(opener, at + 1, end))
                at = self._after(end, opener)
            elif (draft_end := _DRAFT_END.search(line)) and self._has_text(at, draft_end.end()):
                # The draft began in the prompt: all that came before belongs to it.
                fenced.clear()
                self.prose.clear()
                self.is_shortened = True
                self._lines[at] = line[draft_end.end() :]
            else:
                marker = END_MARKER.match(line.lstrip())
                if marker is not None:
                    self.is_shortened = True
                    if any(map(str.strip, self.prose)):
                        break
                    line = line.lstrip()[marker.end() :]
                self.prose.append(line)
                at += 1
        return fenced

    def _has_text(self, at: int, column: int) -> bool:
        """Whether anything but blank lines stands behind a column of line `at`."""
        return bool(self._lines[at][column:].strip() or any(map(str.strip, self._lines[at + 1 :])))

    def _behind_draft(self, at: int) -> int | None:
        """The line to go on with behind the draft that starts in line `at`; None if none does."""
        start = _DRAFT_START.match(self._lines[at].lstrip())
        if start is None:
            return None
        self.is_shortened = True
        closing = re.compile(rf"</{start[1]}>", re.IGNORECASE)
        for number in range(at, len(self._lines)):
            if end := closing.search(self._lines[number]):
                rest = self._lines[number] = self._lines[number][end.end() :]
                return number if rest.strip() else number + 1
        self.ends_in_draft = True
        return len(self._lines)

    def _lone_close(self, at: int) -> _End | None:
        """Where code that stands above the first fence ends, if that fence closes it.

        A model that goes on after an open fence, or forgets to open one, closes it all the same.
        """
        lexed = self._lexed_end(_CONTINUED, at)
        if lexed is None or lexed.line == len(self._lines):
            return None
        line = self._lines[lexed.line][lexed.column :]
        opener = _opener(line)
        is_opener = _ONE_LINE.fullmatch(line) or (opener is not None and _is_label(opener, line))
        if is_opener or _DRAFT_END.search(line):
            return None
        code = self._block(_CONTINUED, at, lexed).code
        if _compiles(code, self._continues):
            return lexed if code.strip() and (self._in_fence or _is_code(code)) else None
        if not self._in_fence:
            return None
        bare = sum(line.strip() == "```" for line in self._lines[at:])
        return lexed if bare % 2 else None

    def _quoted(self, at: int) -> list[str]:
        """The lines of a block quote that starts in line `at` with a fence, without their ">"."""
        first = None if self._is_quote else _QUOTE.fullmatch(self._lines[at])
        if first is None or _opener(first[2]) is None:
            return []
        levels = re.compile(rf"(?:[ \t]{{0,3}}> ?){{1,{first[1].count('>')}}}")
        unquoted = []
        for number in range(at, len(self._lines)):
            quote = levels.match(self._lines[number])
            if quote is None:
                break
            unquoted.append(self._lines[number][quote.end() :])
        return unquoted

    def _block(self, opener: _Opener, start: int, end: _End) -> FencedBlock:
        width = len(opener.indent)
        code = [_outdent(line, width) for line in self._lines[start : end.line]]
        if end.column and (glued := self._lines[end.line][: end.column]).strip():
            code.append(_outdent(glued, width))
        return FencedBlock(opener.label, "\n".join(code))

    def _after(self, end: _End, opener: _Opener) -> int:
        """The line to go on with; what stands behind the fence is left on it, and a draft's end."""
        if end.line == len(self._lines):
            return end.line
        line = self._lines[end.line][end.column :]
        if _DRAFT_END.search(line):
            return end.line
        again = _opener(line)
        if again is not None and _is_label(again, line):
            self._lines[end.line] = line
            return end.line
        rest = line.lstrip(" \t").lstrip(opener.fence[0])
        if END_MARKER.match(rest.lstrip()):
            self.is_shortened = True
            return len(self._lines)
        self._lines[end.line] = rest
        return end.line if rest.strip() else end.line + 1

    def _end(self, opener: _Opener, start: int) -> _End:
        """Where the block that `opener` opens ends."""
        lexed = self._lexed_end(opener, start) if opener.is_python else None
        if lexed is not None and not lexed.passes_fences:
            return lexed
        plain = self._plain_end(opener, start)
        if lexed is None or lexed.line <= plain.line:
            return lexed or plain
        # It passes over fences because they stand inside strings: true if the block compiles.
        for end in (lexed, plain):
            code = self._block(opener, start, end).code
            self._compile_room -= len(code)
            if self._compile_room >= 0 and _compiles(code, self._continues):
                return end
        between = map(_opener, self._lines[plain.line + 1 : lexed.line])
        opens_again = any(later is not None and later.label in PYTHON_LABELS for later in between)
        return plain if opens_again else lexed

    def _lexed_end(self, opener: _Opener, start: int) -> _End | None:
        """The first fence, or mark at the start of a line, that stands in no string of Python.

        Marks are those that end a text or a draft.

        None where a string never ends, or where looking has cost too much.
        """
        n, char = len(opener.fence), opener.fence[0]
        inside, passes = "", False
        for number in range(start, len(self._lines)):
            line = self._lines[number]
            self._room -= len(line) + 1
            if self._room < 0:
                return None
            if inside:
                passes = passes or char * n in line
            else:
                stripped = line.lstrip(" \t")
                is_end = stripped.startswith(char * n) or END_MARKER.match(stripped)
                if is_end or (stripped[:2] == "</" and _DRAFT_END.match(stripped)):
                    return _End(number, 0, passes)
            inside, column = _follow(line, inside, n if char == "`" else 0)
            if column >= 0:
                return _End(number, column, passes)
        return None if len(inside) == 3 else _End(len(self._lines), 0, passes)

    def _plain_end(self, opener: _Opener, start: int) -> _End:
        """The end as CommonMark has it: a fence of its own, at most three spaces deeper.

        A label of Python opens a new block, but where a document shows how to write one.
        """
        most = len(opener.indent.expandtabs(4)) + 3
        n, char = len(opener.fence), opener.fence[0]
        for number in range(start, len(self._lines)):
            line = self._lines[number]
            fence = _FENCE.fullmatch(line) if char * n in line else None
            if fence is None or fence[2][0] != char or len(fence[2]) < n:
                continue
            if len(fence[1].expandtabs(4)) > most:
                continue
            if not fence[3].strip() or END_MARKER.match(fence[3]):
                return _End(number)
            again = _opener(line)
            opens = again is not None and again.label in PYTHON_LABELS
            if opens and opener.label not in _DOCUMENT_LABELS:
                return _End(number)
        return _End(len(self._lines))


_TOKEN = re.compile(r"\"\"\"|'''|[\"']|#|`{3,}|\\.")
_CLOSERS = {quote: re.compile(rf"\\.|{quote}") for quote in ('"""', "'''", '"', "'")}


def _follow(line: str, inside: str, n_backticks: int) -> tuple[str, int]:
    """The string that is open behind `line`, and the column of a fence outside of strings, or -1.

    `inside`: the quotes of the string that is open before it; "" for none. Prefixes need no look:
    a backslash keeps a quote from closing a raw string too.
    """
    at = 0
    while True:
        if inside:
            closing = _CLOSERS[inside].search(line, at)
            while closing is not None and closing[0] != inside:
                closing = _CLOSERS[inside].search(line, closing.end())
            if closing is None:
                is_open = len(inside) == 3 or _is_continued(line)
                return inside if is_open else "", -1
            inside, at = "", closing.end()
        token = _TOKEN.search(line, at)
        if token is None or token[0] == "#":
            return "", -1
        at = token.end()
        if token[0][0] in "\"'":
            inside = token[0]
        elif token[0][0] == "`" and 0 < n_backticks <= len(token[0]):
            return "", token.start()


def _is_continued(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _opener(line: str) -> _Opener | None:
    """The fence that opens a block in `line`, or behind prose at its end."""
    fence = _FENCE.fullmatch(line)
    if fence is not None:
        # Backticks after the label: inline code such as ```x```, no fence.
        if fence[2][0] == "`" and "`" in fence[3]:
            return None
        return _Opener(fence[1], fence[2], _label(fence[3]))
    glued = _GLUED.fullmatch(line) if "```" in line or "~~~" in line else None
    if glued is None or "```" in glued[1] or "~~~" in glued[1]:
        return None
    label = _label(glued[3])
    named = label in PYTHON_LABELS and glued[3].strip().lower().strip("{}.") == label
    if named or (not glued[3].strip() and _SENTENCE_END.search(glued[1])):
        return _Opener("", glued[2], label)
    return None


def _label(info: str) -> str:
    label = _LABEL.match(info)
    return label[1].lower() if label else ""


def _is_label(opener: _Opener, line: str) -> bool:
    """Whether what stands behind a fence inside a block is a label: `python`, no sentence."""
    info = line.lstrip(" \t").lstrip(opener.fence[0]).strip()
    return bool(info) and (opener.label in PYTHON_LABELS or info.lower() == opener.label)


def _outdent(line: str, width: int) -> str:
    """`line` without the fence's indentation, or without as much of it as it has."""
    here = len(line) - len(line.lstrip(" \t"))
    return line[min(width, here) :]

"""A program in normal form: the one text every line index in this package refers to."""

from __future__ import annotations

import ast
import codecs
import hashlib
import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lintseq_core.errors import SourceError
from lintseq_core.programs.bindings import read_binding_lines
from lintseq_core.programs.blocks import Structure, is_code, read_structure
from lintseq_core.programs.compiling import TOO_DEEP, compile_source, parse_source

# codecs.lookup(...).name of the encodings a PEP 263 cookie may declare.
ENCODINGS = ("utf-8", "ascii", "iso8859-1", "cp1252")


@dataclass(frozen=True)  # no slots: `lines`, `id` and `structure` are computed once, on demand
class Program:
    """A Python program that compiles and has at least one line of code.

    `text` ends in exactly one "\\n", has no blank first or last line, and is split into lines on
    "\\n" and nothing else. Build it with `from_text`, `from_bytes` or `from_file`, which bring any
    source into this form or raise SourceError; the constructor itself trusts its argument.
    """

    text: str

    @classmethod
    def from_text(cls, text: str, name: str = "<text>") -> Program:
        """The normal form of `text`; SourceError, with the line at fault, if it has none."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        _refuse_nul_and_surrogates(text, name)
        lines = text.split("\n")
        code = [index for index, line in enumerate(lines) if line.strip()]
        first, last = (code[0], code[-1]) if code else (0, -1)
        program = cls("".join(f"{line}\n" for line in lines[first : last + 1]))
        if not any(is_code(line) for line in program.lines):
            what = "only comments" if code else "empty"
            raise SourceError("no_code", f"the program is {what}; give one line of code", name=name)
        _refuse_uncompilable(program, name, lines_before=first)
        return program

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "<bytes>") -> Program:
        """The normal form of encoded source: BOM stripped, PEP 263 cookie honoured."""
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return cls.from_text(_decode(data, name), name)

    @classmethod
    def from_file(cls, path: str | Path) -> Program:
        """The normal form of the file at `path`; OSError if it cannot be read."""
        return cls.from_bytes(Path(path).read_bytes(), str(path))

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their "\\n"."""
        return tuple(self.text[:-1].split("\n"))

    @cached_property
    def id(self) -> str:
        """sha256 of the normal form, as 64 hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def structure(self) -> Structure:
        """Blocks, statements and strings that hang together, from one pass over the tokens."""
        return read_structure(self.lines)

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree; not to be changed."""
        return parse_source(self.text)

    @cached_property
    def binding_lines(self) -> Mapping[str, frozenset[int]]:
        """Every name the program binds, with the 0-based lines that bind it."""
        return read_binding_lines(self.tree)


def _decode(data: bytes, name: str) -> str:
    if b"\0" in data:
        line_number = data.count(b"\n", 0, data.index(b"\0")) + 1
        is_utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        hint = "save it as UTF-8" if is_utf16 else "is it a text file?"
        raise SourceError("nul", f"NUL byte; {hint}", name=name, line_number=line_number)
    has_bom = data.startswith(codecs.BOM_UTF8)
    body = data.removeprefix(codecs.BOM_UTF8)
    head = b"\n".join(body.split(b"\n", 2)[:2])
    try:  # in ASCII, so that bytes that are not UTF-8 are left to the decoding below
        ascii_head = head.decode("ascii", "replace").encode("ascii", "replace")
        declared, _ = tokenize.detect_encoding(io.BytesIO(ascii_head).readline)
        encoding = codecs.lookup(declared).name
    except SyntaxError as error:  # an unknown cookie
        raise SourceError("encoding", f"{error.msg}; save it as UTF-8", name=name) from None
    if has_bom and encoding != "utf-8":
        why = f"a UTF-8 BOM, but a cookie for {declared}; remove one of them"
        raise SourceError("encoding", why, name=name)
    data = body
    if encoding not in ENCODINGS:
        raise SourceError(
            "encoding", f"encoding {declared!r} is not supported; save it as UTF-8", name=name
        )
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceError(
            "encoding",
            f"byte 0x{data[error.start]:02x} is not {encoding}; save it as UTF-8, or declare its "
            "encoding in the first line, as in '# -*- coding: latin-1 -*-'",
            name=name,
            line_number=data.count(b"\n", 0, error.start) + 1,
        ) from None


def _refuse_nul_and_surrogates(text: str, name: str) -> None:
    if "\0" in text:
        line_number = text.count("\n", 0, text.index("\0")) + 1
        raise SourceError("nul", "NUL character; remove it", name=name, line_number=line_number)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SourceError(
            "encoding",
            f"lone surrogate U+{ord(text[error.start]):04X} is no character; remove it",
            name=name,
            line_number=text.count("\n", 0, error.start) + 1,
        ) from None


def _refuse_uncompilable(program: Program, name: str, lines_before: int) -> None:
    try:
        compile_source(program.text)
    except SyntaxError as error:
        index = min(max(error.lineno or 1, 1), len(program.lines)) - 1
        raise SourceError(
            "syntax",
            error.msg,
            name=name,
            line_number=index + 1 + lines_before,
            line_text=program.lines[index],
        ) from None
    except TOO_DEEP:
        raise SourceError(
            "too_deep", "nests too deeply for Python's parser; split the expression", name=name
        ) from None
    except (ValueError, OverflowError) as error:
        raise SourceError("syntax", f"does not compile: {error}", name=name) from None

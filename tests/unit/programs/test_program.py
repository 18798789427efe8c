"""The normal form: every source becomes one text, or one clear error with its place."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lintseq_core import Program, SourceError

SAVE_AS = "save it as UTF-8"
DECLARE = (
    "save it as UTF-8, or declare its encoding in the first line, as in '# -*- coding: latin-1 -*-'"
)

# name: (bytes of a file, text of the program)
FILES = {
    "plain": (b"x = 1\n", "x = 1\n"),
    "no final newline": (b"x = 1", "x = 1\n"),
    "many final newlines": (b"x = 1\n\n\n\n", "x = 1\n"),
    "blank lines in front": (b"\n\n  \n\t\nx = 1\n", "x = 1\n"),
    "blank lines behind": (b"x = 1\n    \n\t\n \t", "x = 1\n"),
    "blank lines inside stay as they are": (
        b"x = 1\n\n  \n\t\ny = 2\n",
        "x = 1\n\n  \n\t\ny = 2\n",
    ),
    "spaces at the end of a line stay": (b"x = 1  \ny = 2\t\n", "x = 1  \ny = 2\t\n"),
    "comments at both ends stay": (b"# a\nx = 1\n# b\n", "# a\nx = 1\n# b\n"),
    "tabs stay": (b"if 1:\n\tx = 1\n", "if 1:\n\tx = 1\n"),
    "a line of a form feed is blank": (b"\f\nx = 1\n\f\n", "x = 1\n"),
    "form feeds inside stay": (b"x = 1\n\f\n\fy = 2\n", "x = 1\n\f\n\fy = 2\n"),
    "BOM": (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
    "BOM and cookie agree": (
        b"\xef\xbb\xbf# coding: utf-8\nx = 1\n",
        "# coding: utf-8\nx = 1\n",
    ),
    "BOM in front of blank lines": (b"\xef\xbb\xbf\n\nx = 1\n", "x = 1\n"),
    "CRLF": (b"x = 1\r\ny = 2\r\n", "x = 1\ny = 2\n"),
    "lone CR": (b"x = 1\ry = 2\r", "x = 1\ny = 2\n"),
    "LF, CRLF and CR mixed": (b"a = 1\nb = 2\r\nc = 3\rd = 4", "a = 1\nb = 2\nc = 3\nd = 4\n"),
    "CR CRLF is two line ends": (b"x = 1\r\r\ny = 2\n", "x = 1\n\ny = 2\n"),
    "CRLF in a string": (b's = """a\r\nb"""\r\n', 's = """a\nb"""\n'),
    "UTF-8 without a cookie": ("s = 'é€𝄞'\n".encode(), "s = 'é€𝄞'\n"),
    "utf-8 cookie": ("# coding: utf-8\ns = 'é'\n".encode(), "# coding: utf-8\ns = 'é'\n"),
    "utf8 cookie for an editor": (
        "# vim: set fileencoding=utf8 :\ns = 'é'\n".encode(),
        "# vim: set fileencoding=utf8 :\ns = 'é'\n",
    ),
    "utf-8-sig cookie without BOM": (
        b"# coding: utf-8-sig\nx = 1\n",
        "# coding: utf-8-sig\nx = 1\n",
    ),
    "latin-1 cookie": (b"# coding: latin-1\ns = '\xe9'\n", "# coding: latin-1\ns = 'é'\n"),
    "latin-1 cookie after a hash bang": (
        b"#!/usr/bin/python\n# -*- coding: iso-8859-1 -*-\ns = '\xe9\x85'\n",
        "#!/usr/bin/python\n# -*- coding: iso-8859-1 -*-\ns = 'é\x85'\n",
    ),
    "latin-1 cookie and lone CR": (
        b"# coding: latin1\rs = '\xe9'\r",
        "# coding: latin1\ns = 'é'\n",
    ),
    "cookie in the third line is a comment": (
        "x = 1\n\n# coding: latin-1\ns = 'é'\n".encode(),
        "x = 1\n\n# coding: latin-1\ns = 'é'\n",
    ),
    "cp1252 cookie": (b"# coding: cp1252\ns = '\x80'\n", "# coding: cp1252\ns = '€'\n"),
    "windows-1252 cookie": (
        b"# coding: windows-1252\ns = '\x93'\n",
        "# coding: windows-1252\ns = '“'\n",
    ),
    "ascii cookie": (b"# coding: us-ascii\nx = 1\n", "# coding: us-ascii\nx = 1\n"),
    "a docstring is code": (b'"""Doc."""\n', '"""Doc."""\n'),
}

# name: (bytes, kind, line number, whole message)
UNREADABLE = {
    "NUL in line 1": (b"x = '\0'\n", "nul", 1, "p.py, line 1: NUL byte; is it a text file?"),
    "NUL after CRLF and CR": (
        b"a = 1\r\nb = 2\rc = '\0'\n",
        "nul",
        3,
        "p.py, line 3: NUL byte; is it a text file?",
    ),
    "NUL in a comment at the end": (
        b"x = 1\n# \0",
        "nul",
        2,
        "p.py, line 2: NUL byte; is it a text file?",
    ),
    "UTF-16, little end first": (
        "x = 1\n".encode("utf-16"),
        "nul",
        1,
        f"p.py, line 1: NUL byte; {SAVE_AS}",
    ),
    "UTF-16, big end first": (
        b"\xfe\xff" + "x = 1\n".encode("utf-16-be"),
        "nul",
        1,
        f"p.py, line 1: NUL byte; {SAVE_AS}",
    ),
    "cookie utf-16": (
        b"# coding: utf-16\nx = 1\n",
        "encoding",
        None,
        f"p.py: encoding 'utf-16' is not supported; {SAVE_AS}",
    ),
    "cookie koi8-r": (
        b"# coding: koi8-r\nx = '\xc1'\n",
        "encoding",
        None,
        f"p.py: encoding 'koi8-r' is not supported; {SAVE_AS}",
    ),
    "cookie of a codec that is no text encoding": (
        b"# coding: rot13\nk = 1\n",
        "encoding",
        None,
        f"p.py: encoding 'rot13' is not supported; {SAVE_AS}",
    ),
    "unknown cookie": (
        b"# coding: foo\nx = 1\n",
        "encoding",
        None,
        f"p.py: unknown encoding: foo; {SAVE_AS}",
    ),
    "bytes that are not UTF-8": (
        b"x = 1\ny = 2\nz = '\xe9'\n",
        "encoding",
        3,
        f"p.py, line 3: byte 0xe9 is not utf-8; {DECLARE}",
    ),
    "bytes that are not UTF-8, with CRLF": (
        b"x = 1\r\ny = 2\r\nz = '\xe9'\r\n",
        "encoding",
        3,
        f"p.py, line 3: byte 0xe9 is not utf-8; {DECLARE}",
    ),
    "bytes that are not UTF-8 in line 1": (
        b"x = '\xe9'\n",
        "encoding",
        1,
        f"p.py, line 1: byte 0xe9 is not utf-8; {DECLARE}",
    ),
    "bytes that are not UTF-8 in line 2, after a comment": (
        b"# x\ny = '\xe9'\n",
        "encoding",
        2,
        f"p.py, line 2: byte 0xe9 is not utf-8; {DECLARE}",
    ),
    "UTF-8 cut in the middle of a character": (
        "x = 1\n# €".encode()[:-1],
        "encoding",
        2,
        f"p.py, line 2: byte 0xe2 is not utf-8; {DECLARE}",
    ),
    "a surrogate in UTF-8": (
        b"x = 1\ny = 2\ns = '\xed\xa0\x80'\n",
        "encoding",
        3,
        f"p.py, line 3: byte 0xed is not utf-8; {DECLARE}",
    ),
    "bytes that are not ascii": (
        b"# coding: ascii\n\ns = '\xc3\xa9'\n",
        "encoding",
        3,
        f"p.py, line 3: byte 0xc3 is not ascii; {DECLARE}",
    ),
    "a byte that cp1252 leaves open": (
        b"# coding: cp1252\n\n\ns = '\x81'\n",
        "encoding",
        4,
        f"p.py, line 4: byte 0x81 is not cp1252; {DECLARE}",
    ),
}

# name: (text, kind, line number, line text, message without the line's text)
NO_PROGRAMS = {
    "NUL": ("x = 1\ny = '\0'\n", "nul", 2, None, "p.py, line 2: NUL character; remove it"),
    "NUL behind blank lines": (
        "\n\r\n\ry = '\0'\n",
        "nul",
        4,
        None,
        "p.py, line 4: NUL character; remove it",
    ),
    "lone surrogate": (
        "x = 1\ny = '\ud800'\n",
        "encoding",
        2,
        None,
        "p.py, line 2: lone surrogate U+D800 is no character; remove it",
    ),
    "empty": ("", "no_code", None, None, "p.py: the program is empty; give one line of code"),
    "blank": (
        " \n\t\n\f\n\n",
        "no_code",
        None,
        None,
        "p.py: the program is empty; give one line of code",
    ),
    "only comments": (
        "\n# a\n\n    # b\n",
        "no_code",
        None,
        None,
        "p.py: the program is only comments; give one line of code",
    ),
    "syntax error behind blank lines": (
        "\n\n\nx = 1\ny = = 2\n",
        "syntax",
        5,
        "y = = 2",
        "p.py, line 5: invalid syntax",
    ),
    "syntax error behind blank lines with lone CR": (
        "\r\r\rx = 1\ry = = 2\r",
        "syntax",
        5,
        "y = = 2",
        "p.py, line 5: invalid syntax",
    ),
    "syntax error in front of blank lines": (
        "x = 1\ny = = 2\n\n\n",
        "syntax",
        2,
        "y = = 2",
        "p.py, line 2: invalid syntax",
    ),
    "bracket open to the end": (
        "\nx = 1\ny = (\n\n",
        "syntax",
        3,
        "y = (",
        "p.py, line 3: '(' was never closed",
    ),
    "empty block at the end": (
        "\n\nif 1:\n# nothing\n",
        "syntax",
        4,
        "# nothing",
        "p.py, line 4: expected an indented block after 'if' statement on line 1",
    ),
    "indent of the first line": (
        "\n   x = 1\n",
        "syntax",
        2,
        "   x = 1",
        "p.py, line 2: unexpected indent",
    ),
    "tabs and spaces that contradict": (
        "if 1:\n\tx = 1\n        y = 2\n",
        "syntax",
        3,
        "        y = 2",
        "p.py, line 3: inconsistent use of tabs and spaces in indentation",
    ),
    "BOM in the text": (
        "\n\ufeffx = 1\n",
        "syntax",
        2,
        "\ufeffx = 1",
        "p.py, line 2: invalid non-printable character U+FEFF",
    ),
    "a form that only compile() refuses": (
        "\nx = 1\nreturn x\n",
        "syntax",
        3,
        "return x",
        "p.py, line 3: 'return' outside function",
    ),
    "nonlocal without a binding": (
        "def f():\n    nonlocal x\n",
        "syntax",
        2,
        "    nonlocal x",
        "p.py, line 2: no binding for nonlocal 'x' found",
    ),
    "late future import": (
        "x = 1\nfrom __future__ import annotations\n",
        "syntax",
        2,
        "from __future__ import annotations",
        "p.py, line 2: from __future__ imports must occur at the beginning of the file",
    ),
}

# What str.splitlines() takes for a line end and Python's tokenizer does not; shown inside a string,
# because elsewhere most of them are a syntax error.
NO_LINE_ENDS = ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize(("data", "text"), FILES.values(), ids=FILES)
def test_bytes_become_the_normal_form(data: bytes, text: str) -> None:
    assert Program.from_bytes(data).text == text


@pytest.mark.parametrize("data", [data for data, _ in FILES.values()], ids=FILES)
def test_a_file_and_its_bytes_are_one_program(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_bytes(data)
    assert Program.from_file(path) == Program.from_file(str(path)) == Program.from_bytes(data)


@pytest.mark.parametrize(
    ("data", "kind", "line_number", "message"), UNREADABLE.values(), ids=UNREADABLE
)
def test_unreadable_bytes_are_refused_with_their_line(
    data: bytes, kind: str, line_number: int | None, message: str
) -> None:
    with pytest.raises(SourceError) as caught:
        Program.from_bytes(data, "p.py")
    error = caught.value
    assert (error.kind, error.line_number, str(error)) == (kind, line_number, message)


def test_a_bom_against_the_cookie_is_named_as_such() -> None:
    with pytest.raises(SourceError) as caught:
        Program.from_bytes(b"\xef\xbb\xbf# coding: latin-1\nx = 1\n", "p.py")
    assert caught.value.kind == "encoding"
    assert "BOM" in str(caught.value)  # "encoding problem: utf-8" helps nobody
    assert "latin-1" in str(caught.value) or "iso-8859-1" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind", "line_number", "line_text", "message"), NO_PROGRAMS.values(), ids=NO_PROGRAMS
)
def test_a_text_that_is_no_program_is_refused_with_line_and_text(
    text: str, kind: str, line_number: int | None, line_text: str | None, message: str
) -> None:
    with pytest.raises(SourceError) as caught:
        Program.from_text(text, "p.py")
    error = caught.value
    assert (error.kind, error.line_number, error.line_text) == (kind, line_number, line_text)
    assert str(error) == (message if line_text is None else f"{message}: {line_text.strip()!r}")
    assert error.name == "p.py"
    assert "\n" not in str(error)


def test_a_backslash_at_the_end_is_a_syntax_error_of_that_line() -> None:
    with pytest.raises(SourceError) as caught:
        Program.from_text("x = 1\ny = 2 \\\n\n", "p.py")
    error = caught.value
    assert (error.kind, error.line_number, error.line_text) == ("syntax", 2, "y = 2 \\")


def test_a_long_line_is_quoted_in_part() -> None:
    with pytest.raises(SourceError) as caught:
        Program.from_text("x = = " + "y" * 500 + "\n", "p.py")
    assert str(caught.value) == f"p.py, line 1: invalid syntax: 'x = = {'y' * 73}…'"
    assert caught.value.line_text == "x = = " + "y" * 500


@pytest.mark.parametrize("character", NO_LINE_ENDS, ids=lambda character: f"U+{ord(character):04X}")
def test_only_newlines_split_lines(character: str) -> None:
    line = f"s = 'a{character}b'"
    program = Program.from_text(f"{line}\nt = s\n")
    assert program.lines == (line, "t = s")
    assert Program.from_bytes(program.text.encode()).lines == (line, "t = s")
    assert program.structure.strings == ()


def test_the_id_is_the_sha256_of_the_normal_form() -> None:
    program = Program.from_bytes(b"\xef\xbb\xbf\r\ns = '\xc3\xa9'\r\n\r\n")
    assert program.id == hashlib.sha256(b"s = '\xc3\xa9'\n").hexdigest()
    assert program.id == Program.from_text("s = 'é'").id
    assert program.id != Program.from_text("s = 'e'").id


def test_a_program_that_differs_in_a_blank_inside_is_another_program() -> None:
    texts = ["x = 1\n\ny = 2\n", "x = 1\n \ny = 2\n", "x = 1\n\n\ny = 2\n", "x = 1 \n\ny = 2\n"]
    assert len({Program.from_text(text).id for text in texts}) == len(texts)


def test_a_file_that_cannot_be_read_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Program.from_file(tmp_path / "nothing.py")
    with pytest.raises(IsADirectoryError):
        Program.from_file(tmp_path)


def test_errors_of_a_file_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("x = (\n")
    with pytest.raises(SourceError) as caught:
        Program.from_file(path)
    assert str(caught.value) == f"{path}, line 1: '(' was never closed: 'x = ('"


_PIECES = st.sampled_from(
    ["x = 1", "if x:\n    y = 2", "# c", "s = '''a", "b'''", "", " ", "\t", "\f", "\\", "\x85"]
)
_ENDS = st.sampled_from(["\n", "\r\n", "\r", "\n\n"])


@given(st.lists(st.tuples(_PIECES, _ENDS), max_size=8))
def test_the_normal_form_is_a_fixed_point_and_has_no_blank_end(
    pieces: list[tuple[str, str]],
) -> None:
    text = "".join(piece + end for piece, end in pieces)
    try:
        program = Program.from_text(text)
    except SourceError:
        assume(False)
    assert Program.from_text(program.text).text == program.text
    assert Program.from_bytes(program.text.encode()).text == program.text
    assert program.lines[0].strip()
    assert program.lines[-1].strip()
    assert "\r" not in program.text
    assert "".join(f"{line}\n" for line in program.lines) == program.text
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    assert program.text.removesuffix("\n") in kept
    assert not kept.replace(program.text.removesuffix("\n"), "", 1).strip()

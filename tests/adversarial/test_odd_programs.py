"""Odd and hostile input: a clear error or the right result; no traceback, no silent "clean"."""

from __future__ import annotations

import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lintseq_core import (
    Finding,
    LinterFailure,
    Program,
    SourceError,
    closure,
    get_linter,
    sample_path,
)
from lintseq_core.edits.verify import verify_sequence

ROOT = Path(__file__).resolve().parents[2]

# name -> bytes, then the kind and line of the error
REFUSED = {
    "NUL byte": (b"x = 1\ny = '\0'\n", "nul", 2),
    "UTF-16": ("x = 1\n".encode("utf-16"), "nul", 1),
    "undecodable byte": (b"x = 1\ny = '\xe9'\n", "encoding", 2),
    "unsupported cookie": (b"# coding: koi8-r\nx = 1\n", "encoding", None),
    "unknown cookie": (b"# coding: klingon\nx = 1\n", "encoding", None),
    "syntax error": (b"\n\nx = 1\ndef f(:\n    pass\n", "syntax", 4),
    "empty": (b"", "no_code", None),
    "only comments": (b"# a\n\n# b\n", "no_code", None),
    "too deep for the parser's stack": (b"x = " + b"-" * 100_000 + b"1\n", "too_deep", None),
    "too many brackets": (b"x = " + b"(" * 300 + b")" * 300 + b"\n", "syntax", 1),
}

PLAYED = {
    "BOM": b"\xef\xbb\xbfx = 1\nprint(x)\n",
    "latin-1 cookie": b"# -*- coding: latin-1 -*-\nx = '\xe9'\nprint(x)\n",
    "CRLF": b"x = 1\r\nprint(x)\r\n",
    "lone CR": b"x = 1\rprint(x)\r",
    "tabs": b"def f(x):\n\ty = x\n\treturn y\nprint(f(1))\n",
    "form feed": b"x = 1\n\x0c\ndef f():\n    return x\n\x0cf()\n",
    "U+2028 in a string": "x = 'a\u2028b'\nprint(x)\n".encode(),
    "U+0085 and \\x1c in a string": "x = 'a\u0085b\x1cc'\nprint(x)\n".encode(),
    "100,000 characters in a line": b"x = '" + b"a" * 100_000 + b"'\nprint(x)\n",
    "10,000 lines in one literal": b"x = [\n" + b"    1,\n" * 10_000 + b"]\nprint(x)\n",
    "warnings of the compiler": b"x = '\\d'\nif x is 1:\n    print(x)\n",
}


def command(source: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    call = [sys.executable, *options, "-m", "lintseq_core", "sample", "-", "-f", "json"]
    return subprocess.run(call, input=source, cwd=ROOT, capture_output=True, check=False)


@pytest.mark.parametrize(("source", "kind", "line_number"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_program_is_refused_by_name(
    source: bytes, kind: str, line_number: int | None
) -> None:
    with pytest.raises(SourceError) as caught:
        Program.from_bytes(source)
    assert (caught.value.kind, caught.value.line_number) == (kind, line_number)
    done = command(source)
    assert done.returncode == 3
    assert done.stdout == b""
    assert done.stderr.startswith(b"lintseq: error: <stdin>")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("source", PLAYED.values(), ids=PLAYED)
def test_an_odd_program_is_sampled_and_restored(source: bytes) -> None:
    program = Program.from_bytes(source)
    linter = get_linter("syntax" if len(program.lines) > 1000 else "pyflakes")
    method = "randseq" if len(program.lines) > 1000 else "lintseq"
    sequence = sample_path(program, seed=1, linter=linter, method=method)  # type: ignore[arg-type]
    assert list(sequence.states())[-1] == program.text
    assert verify_sequence(sequence, linter).problems == ()


def test_ten_thousand_lines_are_explained() -> None:
    text = "".join(f"x{i} = {i}\n" for i in range(9_999)) + "print(x7)\n"
    assert closure(Program.from_text(text), 7).lines == (7, 9_999)


def test_warnings_turned_into_errors_change_nothing() -> None:
    source = PLAYED["warnings of the compiler"]
    plain, strict = command(source), command(source, "-W", "error")
    assert (strict.returncode, strict.stdout, strict.stderr) == (0, plain.stdout, b"")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        program = Program.from_bytes(source)
        assert sample_path(program, seed=0).to_json().encode() + b"\n" == plain.stdout


def test_a_program_too_deep_for_pyflakes_is_a_linter_failure() -> None:
    source = ("x = " + "1 + " * 900 + "1\n").encode()
    if sys.version_info >= (3, 12):
        pytest.skip("Python 3.12 and later recurse deeper in pure Python")
    with pytest.raises(LinterFailure, match="pyflakes gave up"):
        sample_path(Program.from_bytes(source), seed=0)
    assert command(source).returncode == 4


class Stub:
    """A linter that answers with what it was made with, or raises it."""

    name, version = "stub", "1"

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def lint(self, source: str) -> tuple[Finding, ...]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[return-value]


@pytest.mark.parametrize(
    "answer",
    [RuntimeError("boom"), RecursionError(), (Finding("X", 0, 0, ()),)],
    ids=["crash", "recursion", "line 0"],
)
def test_a_linter_that_fails_is_never_clean(answer: object) -> None:
    with pytest.raises(LinterFailure):
        sample_path(Program.from_text("x = 1\ny = 2\n"), seed=0, linter=Stub(answer))


def test_sampling_gives_the_same_from_eight_threads() -> None:
    linter = get_linter("pyflakes")
    files = sorted((ROOT / "assets" / "programs").glob("*.py"))
    jobs = [(Program.from_file(file), seed) for file in files for seed in range(3)]
    expected = [sample_path(Program(p.text), seed=seed, linter=linter) for p, seed in jobs]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda job: sample_path(job[0], seed=job[1], linter=linter), jobs))
    assert found == expected

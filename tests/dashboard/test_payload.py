"""The payload says all a player needs, exactly, in O(lines)."""

from __future__ import annotations

import inspect
import json
import textwrap
import tokenize
from pathlib import Path
from typing import Any

import pytest

from lintseq_core import EditSequence, Program, sample_path
from lintseq_core.viewer import build_payload
from lintseq_core.viewer.highlight import TOKEN_CLASSES, token_runs

pytestmark = pytest.mark.feature("What the player is given")

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "assets" / "programs").glob("*.py"))

STRANGE = {
    "tabs": "if x:\n\ty = 1\t# tab\n",
    "form feed and vertical tab": "a = 1\n\x0c\nb = '\x0b'\n",
    "line separators inside a line": "a = 'x\u2028y\u2029z\x85w'\nb = 2\n",
    "file separators": "a = '\x1c\x1d\x1e'\n",
    "astral characters": "s = '\U0001f600\U0001f600'  # \U00020000\nt = s\n",
    "byte order mark inside": "\ufeffx = 1\n",
    "right to left": "s = '\u05d0\u05d1\u05d2' + '\u202e'\n",
    "no code at all": "# only\n#\n#\n",
    "html": "s = '<b>&amp;</b></script>'\n",
    "unclosed string": 's = \'abc\nt = """def\nghi\n',
    "blank lines at both ends": "\n\nx = 1\n\n\n",
    "trailing spaces": "x = 1   \n   \ny = 2\n",
    "backslash continuation": "x = 1 + \\\n    2\n",
}


def slices(text: str, runs: list[int]) -> list[tuple[str, str]]:
    """The parts of a line and their classes, cut as JavaScript cuts: in UTF-16 code units."""
    units = text.encode("utf-16-le", "surrogatepass")
    parts, start = [], 0
    for length, class_id in zip(runs[::2], runs[1::2], strict=True):
        part = units[2 * start : 2 * (start + length)].decode("utf-16-le", "surrogatepass")
        parts.append((part, TOKEN_CLASSES[class_id]))
        start += length
    return parts


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_runs_cover_every_line_exactly(text: str) -> None:
    lines = tuple(text[:-1].split("\n"))

    runs = token_runs(lines)

    assert [
        "".join(part for part, _ in slices(*pair)) for pair in zip(lines, runs, strict=True)
    ] == [*lines]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_runs_cover_the_example_programs(path: Path) -> None:
    program = Program.from_file(path)

    runs = token_runs(program.lines)

    joined = "".join(
        "".join(part for part, _ in slices(*pair)) + "\n"
        for pair in zip(program.lines, runs, strict=True)
    )
    assert joined == program.text


def test_a_string_over_several_lines_is_a_string_on_each() -> None:
    lines = ("def f():", '    """First', "    def g(): 1", '    """', "    return 'a' 'b'")

    classes = [
        [name for _, name in slices(*pair)] for pair in zip(lines, token_runs(lines), strict=True)
    ]

    assert classes[1:4] == [["plain", "doc"], ["doc"], ["doc"]]
    assert classes[0] == ["keyword", "definition", "plain"]
    assert classes[4] == ["plain", "keyword", "string"]


def states_of(payload: dict[str, Any]) -> list[str]:
    """Every state, drawn from the payload by the rule the player follows."""
    pairs = list(zip(payload["lines"], payload["births"], strict=True))
    return [
        "".join(f"{line}\n" for line, birth in pairs if birth < step)
        for step in range(payload["n_edits"] + 1)
    ]


@pytest.mark.parametrize("method", ["lintseq", "randseq"])
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_payload_holds_every_state_and_reason(path: Path, method: Any) -> None:
    sequence = sample_path(Program.from_file(path), seed=5, method=method)

    payload = json.loads(json.dumps(build_payload(sequence, title="T")))

    assert states_of(payload) == list(sequence.states())
    assert len(payload["edits"]) == payload["n_edits"] == sequence.n_edits
    assert all(sentences for sentences in payload["edits"])
    assert len(payload["reasons"]) == len(payload["lines"])
    assert all(0 <= index < len(payload["phrases"]) for index in payload["reasons"])
    pairs = list(zip(payload["phrases"], payload["writing_phrases"], strict=True))
    assert len(set(pairs)) == len(pairs)
    assert payload["meta"]["method"] == method
    assert payload["meta"]["program_id"] == sequence.program.id


def test_the_payload_names_its_format_and_what_made_it() -> None:
    sequence = sample_path(Program.from_text("a = 1\nb = a\n"), seed=3, path_index=2)

    payload = build_payload(sequence, title="Two lines")

    assert (payload["format"], payload["version"]) == ("lintseq-player", 4)
    assert payload["title"] == "Two lines"
    assert payload["meta"] == {
        "method": "lintseq",
        "linter": "pyflakes",
        "linter_version": sequence.linter_version,
        "indent_bias": 1,
        "compat": None,
        "seed": 3,
        "path_index": 2,
        "program_id": sequence.program.id,
        "python_version": sequence.python_version,
    }


def test_equal_sequences_have_one_id_and_different_ones_another() -> None:
    program = Program.from_file(EXAMPLES[0])
    ids = [build_payload(sample_path(program, seed=s), title="T")["id"] for s in (1, 1, 2)]

    assert ids[0] == ids[1] != ids[2]


def independent_lines(n_lines: int) -> EditSequence:
    """One edit per line, the worst case for a format that stores states or diffs."""
    return sample_path(
        Program.from_text("".join(f"name_{i:05d} = 1{i:05d}\n" for i in range(n_lines))), seed=0
    )


def test_the_size_grows_with_the_lines_not_with_the_edits() -> None:
    small, large = (
        len(json.dumps(build_payload(independent_lines(n), title="T"))) for n in (100, 400)
    )

    assert large < 4.2 * small
    assert large < 400 * 170  # a sentence in each of two directions


@pytest.mark.parametrize("module", [textwrap, tokenize], ids=lambda module: module.__name__)
def test_the_payload_of_real_code_is_a_few_times_its_size(module: Any) -> None:
    program = Program.from_text(inspect.getsource(module))

    payload = json.dumps(build_payload(sample_path(program, seed=0), title="T"))

    assert len(payload) < 4 * len(program.text) + 10_000

"""A program of one's own on the page: pasted, uploaded or out of a link."""

from __future__ import annotations

import random
import sys

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.shared.links import pack_code, unpack_code
from tests.dashboard.apps import check, open_overview, open_trajectories, payload, says

pytestmark = pytest.mark.feature("Pages")


def own(text: str, **parameters: str) -> AppTest:
    """The page after `text` was pasted."""
    app = open_trajectories({"source": "Own program", **parameters})
    return check(app.text_area(key="own_text").set_value(text).run())


SYNTAX_ERROR = "x = 1\n\ndef f(:\n    return x\n"


def test_a_syntax_error_is_shown_with_its_line_and_nothing_typed_is_lost() -> None:
    app = own(SYNTAX_ERROR)

    (error,) = says(app, "error")
    assert "line 3" in error
    assert "invalid syntax" in error
    assert [code.value for code in app.code] == ["3 | def f(:"]
    assert app.text_area(key="own_text").value == SYNTAX_ERROR
    assert app.get("bidi_component") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# only a comment\n", "only comments"),
        ("x = 1\0", "NUL"),
        ("(" * 5_000 + ")" * 5_000, ""),
        ("x = *1*_[a](b)`c\n", "invalid syntax"),
    ],
    ids=["no code", "nul", "deep", "markdown"],
)
def test_a_text_that_is_no_program_is_an_error_in_words(text: str, message: str) -> None:
    app = own(text)

    (error,) = says(app, "error")
    assert message in error
    assert app.text_area(key="own_text").value == text


def test_text_from_a_program_is_not_read_as_markdown() -> None:
    open_overview()  # imports the components as the pages do
    as_markdown = sys.modules["dashboard.shared.show"].as_markdown

    assert as_markdown("2*x_y `a_b` [l](u) $1 :red[x]") == (
        r"2\*x\_y `a_b` \[l\]\(u\) \$1 \:red\[x\]"
    )
    assert as_markdown("odd ` tick*") == r"odd \` tick\*"


def test_an_empty_text_is_no_error() -> None:
    app = own("  \n\n")

    assert says(app, "error") == []
    assert says(app, "info") == ["Paste a program or open a file: its edits appear here."]


def test_a_program_too_long_for_the_page_is_refused_with_the_command() -> None:
    app = own("x = 1\n" * 1_501, seed="3")

    (warning,) = says(app, "warning")
    assert "1,501 lines" in warning and "1,500 lines" in warning
    assert [code.value for code in app.code] == ["lintseq sample FILE --linter pyflakes --seed 3"]
    assert app.get("bidi_component") == []


def test_the_link_carries_the_pasted_program() -> None:
    text = "a = 1\nb = a\n"

    app = own(text)

    code = app.query_params["code"]
    assert unpack_code(code) == text
    reopened = open_trajectories({"code": code, "seed": "1"})
    assert reopened.text_area(key="own_text").value == text
    assert payload(reopened)["lines"] == ["a = 1", "b = a"]
    assert payload(reopened)["meta"]["seed"] == 1


def test_a_program_too_long_for_the_link_is_sampled_and_the_link_says_so() -> None:
    draw = random.Random(0)
    text = "".join(f"x{i} = {draw.getrandbits(900)}\n" for i in range(100))

    app = own(text)

    assert "code" not in app.query_params
    assert any("The link does not carry this program" in note.value for note in app.markdown)
    assert len(payload(app)["lines"]) == 100


def test_back_at_the_examples_the_link_drops_the_pasted_program() -> None:
    app = own("a = 1\n")

    check(app.segmented_control(key="source").set_value("Example").run())
    assert "code" not in app.query_params
    assert payload(app)["title"] == "coin_change.py"

    check(app.segmented_control(key="source").set_value("Own program").run())
    assert app.text_area(key="own_text").value == "a = 1\n"
    assert payload(app)["lines"] == ["a = 1"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (
            "# -*- coding: latin-1 -*-\ns = 'é'\n".encode("latin-1"),
            "# -*- coding: latin-1 -*-\ns = 'é'\n",
        ),
        (b"x = 1\r\ny = 2\r", "x = 1\ny = 2\n"),
    ],
    ids=["bom", "latin-1", "line ends"],
)
def test_an_uploaded_file_becomes_the_program(content: bytes, text: str) -> None:
    app = open_trajectories({"source": "Own program"})

    check(app.file_uploader(key="own_upload").upload("mine.py", content).run())

    assert app.text_area(key="own_text").value == text
    assert payload(app)["lines"] == text.rstrip("\n").split("\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"x = 1\0", "NUL byte"),
        (b"x = '\xff'\n", "save it as UTF-8"),
        (b"def f(:\n", "invalid syntax"),
        (b"", "empty"),
    ],
)
def test_a_file_that_is_no_program_leaves_the_text_alone(content: bytes, message: str) -> None:
    app = own("kept = 1\n")

    check(app.file_uploader(key="own_upload").upload("mine.py", content).run())

    (error,) = says(app, "error")
    assert error.startswith("mine.py") and message in error
    assert app.text_area(key="own_text").value == "kept = 1\n"
    assert payload(app)["lines"] == ["kept = 1"]


def test_what_a_file_replaces_can_be_brought_back() -> None:
    app = own("typed = 1\n")
    check(app.file_uploader(key="own_upload").upload("mine.py", b"loaded = 2\n").run())
    assert app.text_area(key="own_text").value == "loaded = 2\n"

    check(next(b for b in app.button if b.label.startswith("Bring back")).click().run())

    assert app.text_area(key="own_text").value == "typed = 1\n"


def test_what_a_link_carries_is_packed_by_the_page_that_reads_it() -> None:
    code = pack_code(SYNTAX_ERROR)
    assert code is not None

    app = open_trajectories({"code": code})

    assert app.text_area(key="own_text").value == SYNTAX_ERROR
    assert "line 3" in says(app, "error")[0]

"""Each page without a browser: what it says for every link, program and fault."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.links import pack_code, unpack_code
from lintseq_core import LinterUnavailable, Program, get_linter, sample_path
from tests.dashboard.conftest import ROOT

pytestmark = pytest.mark.feature("Pages")

ENTRY = ROOT / "dashboard" / "streamlit_app.py"
TRAJECTORIES = "app_pages/trajectories.py"
EXAMPLES = sorted(path.stem for path in (ROOT / "assets" / "programs").glob("*.py"))


def open_overview() -> AppTest:
    return AppTest.from_file(str(ENTRY), default_timeout=30).run()


def open_trajectories(parameters: Mapping[str, str] | None = None) -> AppTest:
    app = open_overview().switch_page(TRAJECTORIES)
    for name, value in (parameters or {}).items():
        app.query_params[name] = value
    return check(app.run())


def check(app: AppTest) -> AppTest:
    """`app`, whose script ended without an exception."""
    assert [error.value for error in app.exception] == []
    return app


def payload(app: AppTest) -> dict[str, Any]:
    """What the player was given; fails if the page shows none."""
    return data(app)["payloads"][0]


def data(app: AppTest) -> dict[str, Any]:
    players = app.get("bidi_component")
    (player,) = [each for each in players if each.proto.component_name == "lintseq_player"]
    return dict(json.loads(player.proto.json))


def says(app: AppTest, kind: str) -> list[str]:
    """The texts of the alerts of one kind, without the backslashes Markdown needs."""
    return [element.value.replace("\\", "") for element in getattr(app, kind)]


def own(text: str, **parameters: str) -> AppTest:
    """The page after `text` was pasted."""
    app = open_trajectories({"source": "Own program", **parameters})
    return check(app.text_area(key="own_text").set_value(text).run())


@pytest.mark.feature("Overview")
def test_the_overview_shows_one_program_and_names_them_all() -> None:
    app = check(open_overview())

    assert [title.value for title in app.title] == ["Programs, written edit by edit"]
    assert data(app)["autoplay"] is True
    assert payload(app)["title"] == "prime_search.py"
    links = {link.value.strip("*") for link in app.page_link}
    assert {f"{name}.py" for name in EXAMPLES} <= links
    assert any("MIT license" in text.value for text in app.markdown)
    assert data(check(app.run()))["autoplay"] is False  # by itself once, not at every rerun


def test_without_parameters_the_page_shows_an_example_at_its_beginning() -> None:
    app = open_trajectories()

    assert payload(app)["title"] == "coin_change.py"
    assert data(app)["step"] == 0
    assert says(app, "warning") == says(app, "error") == []


@pytest.mark.parametrize("method", ["lintseq", "randseq"])
def test_parameters_choose_the_trajectory(method: Any) -> None:
    app = open_trajectories(
        {"program": "bank_accounts", "method": method, "seed": "12", "path": "3", "step": "4"}
    )

    program = Program.from_file(ROOT / "assets" / "programs" / "bank_accounts.py")
    sequence = sample_path(program, seed=12, path_index=3, method=method)
    assert payload(app)["births"] == list(sequence.birth_steps)
    assert payload(app)["meta"]["method"] == method
    assert data(app)["step"] == 4
    assert says(app, "warning") == []
    assert [code.value for code in app.code] == [sequence.to_model_text().strip()]


def test_every_example_can_be_shown() -> None:
    app = open_trajectories()
    for name in EXAMPLES:
        check(app.selectbox(key="program").set_value(name).run())
        assert payload(app)["title"] == f"{name}.py"


def test_a_choice_is_written_to_the_link() -> None:
    app = open_trajectories()

    app.selectbox(key="program").set_value("matrix_sum")
    app.number_input(key="seed").set_value(5)
    check(app.run())
    assert payload(app)["title"] == "matrix_sum.py"
    assert payload(app)["meta"]["seed"] == 5


@pytest.mark.parametrize(
    ("parameters", "warning"),
    [
        ({"program": "zzz"}, "There is no program 'zzz'."),
        ({"linter": "flake8"}, "There is no linter 'flake8'"),
        ({"method": "magic"}, "There is no method 'magic'."),
        ({"seed": "abc"}, "The seed 'abc' is not a whole number from 0 on."),
        ({"seed": "-4"}, "The seed '-4' is not a whole number from 0 on."),
        ({"seed": "9" * 400}, "is not a whole number from 0 on."),
        ({"seed": "inf"}, "The seed 'inf' is not a whole number from 0 on."),
        ({"path": "1e999"}, "The path '1e999' is not a whole number from 0 on."),
        ({"path": "1.5"}, "The path '1.5' is not a whole number from 0 on."),
        ({"step": "last"}, "The step 'last' is not a whole number from 0 on."),
        ({"code": "%%%"}, "The program in this link is damaged; paste the program instead."),
        ({"code": ""}, "The program in this link is cut off; paste the program instead."),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_malformed_link_is_explained(parameters: dict[str, str], warning: str) -> None:
    app = open_trajectories(parameters)

    assert any(warning in text for text in says(app, "warning")), says(app, "warning")
    assert says(app, "error") == []
    check(app.number_input(key="seed").set_value(8).run())
    assert app.number_input(key="seed").value == 8


def test_a_step_beyond_the_end_is_left_to_the_player_to_clamp() -> None:
    app = open_trajectories({"step": "999"})

    assert data(app)["step"] == 999
    assert says(app, "warning") == []


@pytest.fixture
def no_pylint(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The pages find no pylint, whether it is installed or not."""
    open_overview()  # imports the loaders as the pages do

    def get(name: str) -> Any:
        if name == "pylint":
            raise LinterUnavailable("pylint is not installed: pip install 'lintseq-core[pylint]'")
        return get_linter(name)

    monkeypatch.setattr(sys.modules["loaders"], "get_linter", get)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.mark.usefixtures("no_pylint")
def test_a_linter_that_is_not_installed_is_named_with_its_remedy() -> None:
    app = open_trajectories({"linter": "pylint"})

    (warning,) = says(app, "warning")
    assert "pip install 'lintseq-core[pylint]'" in warning
    assert "pylint" not in app.selectbox(key="linter").options
    assert payload(app)["meta"]["linter"] == "pyflakes"


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
    as_markdown = sys.modules["components"].as_markdown

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


def tab(app: AppTest, name: str) -> AppTest:
    app.session_state["many_tab"] = name
    return check(app.run())


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_many_trajectories_are_counted_and_drawn() -> None:
    app = open_trajectories({"program": "matrix_sum", "lab": "Many trajectories", "n": "20"})

    program = Program.from_file(ROOT / "assets" / "programs" / "matrix_sum.py")
    births = {sample_path(program, seed=0, path_index=path).birth_steps for path in range(20)}
    assert metrics(app)["Different sequences"] == f"{len(births)} of 20"
    assert len(app.get("plotly_chart")) == 1
    for name in ("What comes before what", "Edit sizes", "Two of them"):
        assert len(tab(app, name).get("plotly_chart")) == 1, name


def test_two_of_many_play_side_by_side() -> None:
    app = open_trajectories({"lab": "Many trajectories", "n": "10", "one": "3", "other": "7"})

    shown = data(tab(app, "Two of them"))["payloads"]

    assert [each["meta"]["path_index"] for each in shown] == [3, 7]


def test_many_trajectories_of_a_slow_linter_are_left_to_the_command_line() -> None:
    app = open_trajectories({"lab": "Many trajectories", "linter": "ruff"})

    (told,) = says(app, "info")
    assert "too slow for many sequences" in told
    assert [code.value for code in app.code] == [
        "lintseq sample coin_change.py --linter ruff --seed 0 -s 200 --format json"
    ]


def test_the_race_judges_every_racer_by_pyflakes() -> None:
    app = open_trajectories({"program": "matrix_sum", "lab": "Linter race", "seed": "1"})

    racers = data(app)["payloads"]
    assert [each["title"] for each in racers] == [
        "LintSeq, pyflakes", "LintSeq, pylint", "LintSeq, syntax only", "RandSeq",
    ]  # fmt: skip
    assert racers[0]["checks"]["broken"] == {}
    assert racers[3]["checks"]["broken"] != {}
    assert any("RandSeq first breaks after edit" in text.value for text in app.markdown)


@pytest.mark.usefixtures("no_pylint")
def test_a_racer_that_is_not_installed_is_named_and_the_others_race() -> None:
    app = open_trajectories({"program": "matrix_sum", "lab": "Linter race"})

    assert len(data(app)["payloads"]) == 3
    assert any("LintSeq, pylint does not run here" in text.value for text in app.markdown)


def test_a_branch_in_the_link_is_followed_and_can_be_taken_back() -> None:
    app = open_trajectories({"program": "matrix_sum", "seed": "3", "branch": "3.0"})
    program = Program.from_file(ROOT / "assets" / "programs" / "matrix_sum.py")
    straight = list(sample_path(program, seed=3).birth_steps)

    branched = payload(app)
    assert branched["births"] != straight
    assert branched["meta"]["seed"] is None
    assert any("line 1 was let go after step 3" in text.value for text in app.markdown)

    check(next(b for b in app.button if b.label.startswith("Take the last")).click().run())
    assert payload(app)["births"] == straight
    assert "branch" not in app.query_params


def test_another_seed_drops_the_branch() -> None:
    app = open_trajectories({"program": "matrix_sum", "seed": "3", "branch": "3.0"})

    check(app.number_input(key="seed").set_value(4).run())

    assert payload(app)["meta"]["seed"] == 4
    assert "branch" not in app.query_params


@pytest.mark.parametrize("branch", ["x", "1.2.3", "9999.0", "3.999", ",", "-1.0", "1.1," * 30])
def test_a_damaged_branch_is_said_and_the_page_works(branch: str) -> None:
    app = open_trajectories({"program": "matrix_sum", "branch": branch})

    assert says(app, "warning") or says(app, "error")
    check(app.number_input(key="seed").set_value(4).run())
    assert payload(app)["meta"]["seed"] == 4


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The dashboard was started on a folder with a program, sequences and broken files."""
    program = Program.from_text("a = 1\nb = a\n")
    rows = [sample_path(program, seed=5, path_index=path).to_json() for path in range(3)]
    (tmp_path / "mine.py").write_text("x = 1\ny = x\n", encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text("\n".join([*rows, "<script>"]), encoding="utf-8")
    (tmp_path / "broken.py").write_text("def f(:\n", encoding="utf-8")
    (tmp_path / "secret.py").symlink_to("/etc/passwd")
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path)]))
    st.cache_resource.clear()
    yield tmp_path
    st.cache_resource.clear()


def test_given_files_are_shown_and_bad_ones_named(given: Path) -> None:
    app = open_trajectories()

    assert payload(app)["title"] == "rows.jsonl, row 0"
    assert payload(app)["meta"]["seed"] == 5
    notes = " ".join(text.value.replace("\\", "") for text in app.markdown)
    assert "rows.jsonl, row 4: not JSON" in notes
    assert "broken.py, line 1: invalid syntax" in notes
    assert "secret" not in notes
    assert app.selectbox(key="file").options == [str(given / "rows.jsonl"), str(given / "mine.py")]

    check(app.number_input(key="row").set_value(2).run())
    assert payload(app)["meta"]["path_index"] == 2
    check(app.selectbox(key="file").set_value(str(given / "mine.py")).run())
    assert payload(app)["title"] == "mine.py"


def tokens_view(**parameters: str) -> AppTest:
    return open_trajectories({"program": "matrix_sum", "text_view": "Tokens", **parameters})


def test_tokens_have_ids_and_the_loss_mask_and_a_cost() -> None:
    app = tokens_view()
    sequence = sample_path(
        Program.from_file(ROOT / "assets" / "programs" / "matrix_sum.py"), seed=0
    )
    (component,) = [
        json.loads(one.proto.json)
        for one in app.get("bidi_component")
        if "pieces" in json.loads(one.proto.json)
    ]
    pieces = component["pieces"]
    text = "".join(piece[0] for piece in pieces)
    assert sequence.to_model_text().strip() in text
    diff = [piece for piece in pieces if piece[3] and piece[0] == "<|diff|>"]
    # One for each edit and the two that end the program.
    assert len(diff) == sequence.n_edits + 2
    assert {tuple(piece[1]) for piece in diff} == {(258,)}
    labels = {metric.label: metric.value for metric in app.metric}
    assert labels["As edits"] == f"{sum(len(piece[1]) for piece in pieces):,} tokens"
    assert labels["In the loss"] == f"{sum(len(p[1]) for p in pieces if p[2]):,}"
    assert labels["Cost"].endswith("×")


def test_an_unknown_tokenizer_in_the_link_changes_nothing_else() -> None:
    app = tokens_view(tokenizer="no-such-model")
    assert app.selectbox(key="tokenizer").value == "tiny"

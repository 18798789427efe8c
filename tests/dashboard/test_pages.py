"""Each page without a browser: what it says for every link, program and fault."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.scriptrunner import magic
from streamlit.testing.v1 import AppTest

from lintseq_core import Program, sample_path
from lintseq_core.lessons.reading import PAGES
from tests.dashboard.apps import (
    check,
    data,
    forget_files,
    open_overview,
    open_trajectories,
    payload,
    says,
)
from tests.dashboard.conftest import ROOT

pytestmark = pytest.mark.feature("Pages")

SCRIPTS = sorted((ROOT / "dashboard" / "app_pages").glob("*.py"))
EXAMPLES = sorted(path.stem for path in (ROOT / "assets" / "programs").glob("*.py"))


@pytest.mark.feature("Overview")
def test_the_overview_tells_a_story_and_names_all_programs() -> None:
    app = check(open_overview())

    assert [title.value for title in app.title] == ["Programs, written edit by edit"]
    (story,) = [
        json.loads(one.proto.json)
        for one in app.get("bidi_component")
        if one.proto.component_name == "lintseq_lessons"
    ]
    assert story["story"] is True
    assert all(step["show"]["kind"] == "player" for step in story["lesson"]["steps"])
    links = {link.value.strip("*") for link in app.page_link}
    assert {f"{name}.py" for name in EXAMPLES} <= links
    assert any("MIT license" in text.value for text in app.markdown)


def test_without_parameters_the_page_shows_an_example_at_an_edit_that_tells_something() -> None:
    app = open_trajectories()

    assert payload(app)["title"] == "coin_change.py"
    assert data(app)["step"] == data(app)["opening"] > 0
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


def test_streamlit_parses_no_script_while_a_program_is_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def parse(*_: object) -> None:
        raise AssertionError("two parses at once end in a SystemError before Python 3.12")

    monkeypatch.setattr(magic, "add_magic", parse)
    check(open_overview())


@pytest.mark.parametrize("page", SCRIPTS, ids=[page.stem for page in SCRIPTS])
def test_every_page_is_in_the_navigation(page: Path) -> None:
    check(open_overview().switch_page(f"app_pages/{page.name}"))


def test_a_lesson_can_lead_to_every_page() -> None:
    # A lesson may be read where no checkout is: then there is no page Docs.
    assert sorted((*PAGES, "docs")) == sorted(page.stem for page in SCRIPTS)
    teaching = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    assert f"`page` ({', '.join(PAGES)})" in teaching


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
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The dashboard was started on a folder with a program, sequences and broken files."""
    program = Program.from_text("a = 1\nb = a\n")
    rows = [sample_path(program, seed=5, path_index=path).to_json() for path in range(3)]
    (tmp_path / "mine.py").write_text("x = 1\ny = x\n", encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text("\n".join([*rows, "<script>"]), encoding="utf-8")
    (tmp_path / "broken.py").write_text("def f(:\n", encoding="utf-8")
    (tmp_path / "secret.py").symlink_to("/etc/passwd")
    monkeypatch.setenv("LINTSEQ_DASHBOARD_FILES", json.dumps([str(tmp_path)]))
    forget_files()
    yield tmp_path
    forget_files()


def test_given_files_are_shown_and_bad_ones_named(given: Path) -> None:
    app = open_trajectories()

    assert payload(app)["title"] == "rows.jsonl, row 1"
    assert payload(app)["meta"]["seed"] == 5
    notes = " ".join(text.value.replace("\\", "") for text in app.markdown)
    assert "rows.jsonl, row 4: not JSON" in notes
    assert "broken.py, line 1: invalid syntax" in notes
    assert "secret" not in notes
    assert app.selectbox(key="file").options == [str(given / "rows.jsonl"), str(given / "mine.py")]

    check(app.number_input(key="row").set_value(3).run())
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


def test_a_process_that_runs_the_script_without_a_server_ends_well() -> None:
    """As workers do that a page starts: they run the main script of their parent again."""
    script = ROOT / "dashboard" / "streamlit_app.py"
    ran = subprocess.run(
        [sys.executable, str(script)], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "Traceback" not in ran.stderr

"""The Generations page without a browser: every view, every source, broken input, no torch."""

from __future__ import annotations

import importlib.util
import json
import shlex
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.files.given import read_given
from dashboard.files.loaders import load_results, load_tasks
from dashboard.generations.models import over_words
from dashboard.generations.sample import as_command
from lintseq_core.cli.dashboard import FILES_VARIABLE
from lintseq_core.generation.trace_reading import read_trace
from lintseq_core.viewer.outcomes import Results
from lintseq_core.viewer.over_problems import Behaviour
from lintseq_core.viewer.trace_runs import final_outcomes
from lintseq_core.viewer.traces import read_traces
from tests.command_lines import parsed
from tests.dashboard.apps import (
    bring,
    check,
    data,
    forget_files,
    open_overview,
    open_trajectories,
    payload,
    says,
)
from tests.dashboard.conftest import ROOT, TRACES

pytestmark = [pytest.mark.feature("Generations"), pytest.mark.usefixtures("traces")]

PAGE = "app_pages/generations.py"
EXECUTION = "LINTSEQ_DASHBOARD_EXECUTION"
TRACE = TRACES / "longest_word.tiny-long.jsonl"
VIEWS = (
    "All problems",
    "One sample",
    "All samples",
    "Prefix tree",
    "Two models",
    "Malformed edits",
)


@pytest.fixture(autouse=True)
def not_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(EXECUTION, raising=False)


def open_generations(parameters: Mapping[str, str] | None = None) -> AppTest:
    """The page on the traces of the test model, unless the parameters ask for others."""
    app = open_overview().switch_page(PAGE)
    for name, value in ({"from": "Given files"} | dict(parameters or {})).items():
        app.query_params[name] = value
    return check(app.run())


def texts(app: AppTest) -> str:
    return "\n".join(element.value.replace("\\", "") for element in app.markdown)


def test_the_page_shows_a_sample_and_says_what_made_it() -> None:
    app = open_generations()

    shown = payload(app)
    assert shown["generation"]["instruction"].startswith("Write count_vowels")
    assert shown["meta"]["model"] == "tiny-long"
    assert shown["tests"]["names"][0] == "assert count_vowels('') == 0"
    assert "sha256" in texts(app) and "isolation L3" in texts(app)
    assert says(app, "error") == says(app, "warning") == []
    assert f"**Asked for:** {shown['generation']['instruction']}" in texts(app)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("model", ["tiny-long", "tiny-short"])
def test_every_view_of_every_task_is_shown(view: str, model: str) -> None:
    app = open_generations({"see": view, "model": model})
    for task in app.selectbox(key="task").options:
        check(app.selectbox(key="task").set_value(task).run())


def test_parameters_choose_the_sample() -> None:
    app = open_generations(
        {"task": "running_max", "model": "tiny-short", "sample": "4", "step": "2"}
    )

    assert payload(app)["meta"]["sample_index"] == 3
    assert payload(app)["meta"]["model"] == "tiny-short"
    assert data(app)["step"] == 2
    copies = {copy["label"]: copy["text"] for copy in data(app)["copies"]}
    assert copies["Copy link"] is None
    assert "--model tiny-short -n 10" in copies["Copy as command"]
    exec(copies["Copy as Python"], {})


def test_the_command_asks_the_same_again() -> None:
    head, *rest = TRACE.read_bytes().split(b"\n", 1)
    record = json.loads(head) | {"problem": None, "model": "runs/my edits/model"}
    record["request"] |= {"n_retries": 2, "instruction": "Do 'it'.", "linter_name": "pylint"}
    trace = json.dumps(record).encode() + b"\n" + rest[0]
    app = upload(open_generations({"from": "Upload"}), trace)

    (command,) = (c["text"] for c in data(app)["copies"] if c["label"] == "Copy as command")
    words = shlex.split(command)
    assert words[:5] == ["lintseq", "generate", "Do 'it'.", "--stepwise", "--model"]
    assert " ".join(words[5:]) == (
        "runs/my edits/model -n 10 --temperature 1.1 --top-p 0.95 --max-tokens 420 --seed 0 "
        "--linter pylint --guard lint --retries 2 -o trace.jsonl"
    )


def test_the_command_names_what_else_the_trace_was_made_with() -> None:
    trace = read_trace(TRACE)
    request = replace(
        trace.header.request, mode="whole", stop=("\n\n", "-"), n_retries=None, edit_format=None
    )
    header = replace(
        trace.header, request=request, problem=None, model="org/m", revision="v1", backend="vllm"
    )
    name, options = parsed(as_command(replace(trace, header=header)))
    assert (name, options["model"], options["revision"]) == ("generate", "org/m", "v1")
    assert (options["backend"], options["stepwise"], options["linter"]) == ("vllm", False, None)
    assert tuple(options["stop"]) == request.stop


@pytest.mark.parametrize("value", ["0", "-1", "inf", "9" * 400, "x", "1.5"], ids=lambda v: v[:5])
def test_a_sample_that_is_no_number_is_explained(value: str) -> None:
    app = open_generations({"sample": value})

    assert any("not a whole number from 1 on" in text for text in says(app, "warning"))
    assert payload(app)["meta"]["sample_index"] == 0


def test_a_view_that_is_none_is_explained() -> None:
    app = open_generations({"see": "<b>"})

    assert says(app, "warning")[0].startswith("There is no view '<b>'.")


def test_tiles_stand_in_groups_and_open_their_sample() -> None:
    app = open_generations({"see": "All samples", "task": "longest_word"})

    assert "10 samples in" in texts(app) and "by the outcome of every test" in texts(app)
    assert app.header[0].value.startswith("✓")
    opened = next(button for button in app.button if button.label == "Sample 8")
    check(opened.click().run())
    assert payload(app)["meta"]["sample_index"] == 7


@pytest.mark.parametrize("model", ["tiny-long", "tiny-short"])
@pytest.mark.parametrize("task", ["count_vowels", "is_palindrome"])
def test_a_tile_says_of_a_sample_what_its_player_says(task: str, model: str) -> None:
    app = open_generations({"see": "All samples", "task": task, "model": model})
    buttons = [button for button in app.button if button.label.startswith("Sample ")]
    notes = [note for note in texts(app).split("\n") if " edit" in note and " tokens" in note]
    told = {button.label: note for button, note in zip(buttons, notes, strict=True)}

    for number in range(1, 11):
        bad = payload(open_generations({"task": task, "model": model, "sample": str(number)}))[
            "generation"
        ]["bad"]
        note = told[f"Sample {number}"]
        if bad is None:
            assert "✗" not in note
        else:
            words = f"; ✗ the first bad edit is {bad['step']}: {', '.join(bad['why'])}"
            assert note.endswith(f"{words}]]")


def facets(app: AppTest) -> dict[str, dict[str, int]]:
    """What is counted over all problems, by the title of the count."""
    shown = drawn(app, "facets")
    return {one["title"]: dict(zip(one["labels"], one["counts"], strict=True)) for one in shown}


def drawn(app: AppTest, part: str) -> list[dict[str, Any]]:
    found = [json.loads(one.proto.json) for one in app.get("bidi_component")]
    return next(one[part] for one in found if part in one)  # type: ignore[no-any-return]


def test_the_behaviour_over_all_problems_is_what_its_samples_say() -> None:
    app = open_generations({"see": "All problems", "model": "tiny-long"})
    samples = [one for path in TRACES.glob("*.tiny-long.jsonl") for one in read_trace(path).samples]
    firsts = [
        next(((at, step.faults[0].kind) for at, step in enumerate(one.kept_steps, 1) if step.faults), None)
        for one in samples
    ]  # fmt: skip
    kinds = Counter("none" if first is None else first[1] for first in firsts)
    told = facets(app)
    assert told["First fault, by kind"] == kinds
    edits = Counter(f"edit {first[0]}" for first in firsts if first)
    assert {at: n for at, n in told["First fault, by edit"].items() if n} == edits
    assert sum(told["Edits a sample"].values()) == sum(told["Tests"].values()) == len(samples)
    passed = told["Tests"]["all pass"]
    assert f"{passed} of 40 samples pass all tests, at least one sample for 4 of 4" in texts(app)
    assert "(too few problems for an interval)" in texts(app)
    assert f"{40 - kinds['none']} of 40 samples break the format of edits" in texts(app)
    assert "cannot be told: too few problems have both" in texts(app)


def test_a_number_over_all_problems_leads_to_its_samples() -> None:
    app = open_generations({"see": "All problems", "model": "tiny-short", "in_fault_edit": "2"})
    n = facets(app)["First fault, by edit"]["edit 2"]
    rows = drawn(app, "rows")
    assert len(rows) == n == sum(facets(app)["First fault, by kind"].values())
    assert all(row["faults"].startswith("✗ edit 2: ") for row in rows)
    assert f"**{n} samples** of 40" in texts(app)
    check(next(b for b in app.button if b.label == "Clear all").click().run())
    assert "in_fault_edit" not in app.query_params and len(drawn(app, "rows")) == 20


def test_what_a_link_asks_for_in_vain_over_all_problems_is_said() -> None:
    app = open_generations({"see": "All problems", "in_fault": "<b>x</b>"})
    assert says(app, "warning") == ["First fault, by kind: no sample has <b>x</b>."]
    assert len(drawn(app, "rows")) == 20


def test_two_models_stand_side_by_side() -> None:
    app = open_generations({"see": "Two models", "task": "count_vowels"})

    (table,) = app.table
    assert list(table.value["Model"]) == ["tiny-long", "tiny-short"]
    assert list(table.value["Pass all tests"]) == ["8 of 10", "0 of 10"]
    assert [p["meta"]["model"] for p in data(app)["payloads"]] == ["tiny-long", "tiny-short"]


def test_samples_of_two_models_stand_as_pairs_with_both_verdicts() -> None:
    app = open_generations({"see": "Two models", "task": "count_vowels", "sample": "3"})
    (pairs,) = (one for one in app.get("button_group") if one.key == "pair")
    (task,) = (task for task in load_tasks() if task.task_id == "count_vowels")
    reads = [
        read
        for name in ("tiny-long", "tiny-short")
        for read in read_traces((TRACES / f"count_vowels.{name}.jsonl").read_bytes(), "t")[0]
    ]
    outcomes = [final_outcomes(read, task, load_results()) for read in reads]
    signs = [
        " ".join("✓" if told and set(told) == {"passed"} else "✗" for told in both)
        for both in zip(*outcomes, strict=True)
    ]
    assert pairs.options == [f"{at}: {sign}" for at, sign in enumerate(signs, 1)]
    assert f"only the first: {signs.count('✓ ✗')}" in pairs.label.replace("\\", "")
    assert pairs.value is None  # the link shows sample 3 beside sample 1
    check(pairs.set_value(4).run())
    assert [one["meta"]["sample_index"] for one in data(app)["payloads"]] == [4, 4]
    assert app.query_params["beside_sample"] == "5"
    n_passed = [(of_model[4] or ()).count("passed") for of_model in outcomes]
    assert f"tiny-long, sample 5: ✗ {n_passed[0]} of 4 tests pass · 7 edits" in texts(app)
    assert f"tiny-short, sample 5: ✗ {n_passed[1]} of 4 tests pass · " in texts(app)


def test_whether_two_models_differ_is_told_over_all_problems_or_said_to_be_unknown() -> None:
    app = open_generations({"see": "Two models"})
    assert "tiny-long solves 77.5% of samples, tiny-short 0.0%: whether they differ" in texts(app)
    assert "cannot be told (too few problems for an interval)." in texts(app)
    one = Behaviour("", "m", 0, 0, "", (1,), True, True, "", None, None, None, 1)
    good = [replace(one, task=str(n)) for n in range(30)]
    bad = [replace(one, passed=False) for one in good]
    assert ": they differ (95 % interval of the difference " in over_words({"a": good, "b": bad})
    assert "that they differ cannot be told" in over_words({"a": good, "b": good})
    unknown = [replace(one, passed=None)]
    assert "nothing can be told" in over_words({"a": good, "b": unknown})


def test_the_clinic_sets_three_readings_side_by_side() -> None:
    app = open_generations({"see": "Malformed edits", "task": "count_vowels"})

    assert [title.value for title in app.header[:3]] == [
        "The strict parser",
        "Lenient",
        "The authors' code",
    ]
    assert any("Refuses it" in text for text in says(app, "error"))
    check(app.selectbox(key="case").set_value("A text of your own").run())
    assert any("position out of range" in m.value.replace("\\", "") for m in app.markdown)
    check(app.text_area(key="clinic_text").set_value("@@ -0,0 +1 @@\n+x = 1").run())
    assert "truncated" in texts(app)


def marks(app: AppTest) -> list[tuple[str, str]]:
    """The lines that the clinic marks in the text, each with what it says of them."""
    (written,) = (
        each for each in app.get("bidi_component") if each.proto.component_name == "lintseq_written"
    )
    shown = json.loads(written.proto.json)
    lines = shown["text"].split("\n")
    return [(lines[number - 1], kind) for number, kind in shown["marks"]]


def test_the_clinic_marks_the_guilty_lines_in_the_text() -> None:
    app = open_generations({"see": "Malformed edits", "model": "tiny-short"})
    assert app.selectbox(key="case").value == "Sample 1, edit 3: position out of range"
    assert marks(app) == [("<|diff|>@@ -4,0 +4,3 @@", "position out of range")]
    check(app.selectbox(key="case").set_value("A text of your own").run())
    assert ("<|diff|>@@ -2,0 +9 @@", "position out of range") in marks(app)
    check(app.text_area(key="clinic_text").set_value("").run())
    assert "lintseq_written" not in {
        each.proto.component_name for each in app.get("bidi_component")
    }


@pytest.mark.parametrize("sample", ["1", "2", "5"])
def test_the_marks_of_an_edit_are_on_its_own_lines(sample: str) -> None:
    shown = payload(open_generations({"model": "tiny-short", "sample": sample}))
    steps = shown["generation"]["steps"]
    assert any(step["marks"] for step in steps[1:])
    for step in steps:
        lines = step["text"].split("\n")
        for (number, kind), told in zip(step["marks"], step["faults"], strict=True):
            assert told.startswith(f"line {number}: {kind}: ")
            assert lines[number - 1].startswith("@@") is (kind not in ("no header", "truncated"))


def upload(app: AppTest, content: bytes, name: str = "mine.jsonl") -> AppTest:
    return bring(app, name, content)


def test_without_an_upload_the_page_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FILES_VARIABLE)
    app = open_generations({"from": "Upload"})

    assert "lintseq generate INSTRUCTION --stepwise" in texts(app)
    assert {one.key for one in app.get("bidi_component")} <= {"copies_format_cost"}


def test_an_upload_is_shown() -> None:
    app = upload(open_generations({"from": "Upload"}), TRACE.read_bytes())

    assert payload(app)["generation"]["instruction"].startswith("Write longest_word")


@pytest.mark.parametrize("content", [b"", b"x", b"\0\xff", b'{"kind": "trace"}\n'], ids=repr)
def test_a_file_that_is_no_trace_is_an_error_in_words(content: bytes) -> None:
    app = upload(open_generations({"from": "Upload"}), content)

    (error,) = says(app, "error")
    assert error.startswith("mine.jsonl")
    assert {one.key for one in app.get("bidi_component")} <= {"copies_format_cost"}


def hostile_trace() -> bytes:
    """A trace whose every text is an attack on whoever shows it; it is well formed."""
    attack = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"
    rows = [json.loads(row) for row in TRACE.read_text(encoding="utf-8").splitlines()]
    head = rows[0]
    head["request"]["instruction"] = f"{attack} [x](javascript:alert(2)) \u202e $x^2$ :red[a]"
    head["model"] = f"{attack}\ud800"
    head["problem"] = "humaneval ../../etc/passwd"
    head["versions"] = {attack: attack}
    line = f"s = '{attack}\u202e \x1b[2J \ud800'"
    text = f"@@ -0,0 +1 @@\n+{line}\n@@ -9 +9 @@\n-{attack}"
    from lintseq_core.edits.formats import apply_edits
    from lintseq_core.generation.stepwise import read_edit
    from lintseq_core.generation.trace import _fault_record, state_id

    parsed = read_edit(text, step_index=0, state="", line_number=1, is_whole=True)
    state = apply_edits(parsed.edits)
    step = next(row for row in rows if row["kind"] == "step")
    end = next(row for row in rows if row["kind"] == "end")
    step |= {
        "sample_index": 0, "step_index": 0, "text": text, "state_sha256": state_id(state),
        "faults": [_fault_record(fault) for fault in parsed.faults], "objection": attack,
        "new_findings": [{"code": attack, "line_number": 1, "column": 0, "arguments": [attack], "name": None}],
        "tokens": {"ids": [1], "texts": [attack], "log_probs": [-9.0], "entropies": [0.1]},
    }  # fmt: skip
    end |= {"sample_index": 0, "program": state, "text": text}
    return b"".join(json.dumps(row).encode() + b"\n" for row in (head, step, end))


@pytest.mark.parametrize("view", VIEWS)
def test_a_hostile_trace_takes_no_view_down(view: str) -> None:
    app = upload(open_generations({"from": "Upload", "see": view}), hostile_trace())

    assert says(app, "error") == [] or view == "Malformed edits"


def with_verdicts(verdicts: Sequence[str], **header: Any) -> bytes:
    """The trace TRACE as if its tests had been run, with the final verdicts of its samples."""
    head, *rows = [json.loads(row) for row in TRACE.read_text(encoding="utf-8").splitlines()]
    head["problem"] = header.pop("problem", None)
    head["request"] |= header
    last = {row["sample_index"]: row for row in rows if row["kind"] == "step"}
    for index, verdict in enumerate(verdicts):
        last[index]["verdict"] = verdict
    for row in rows:
        if row["kind"] == "end" and row["sample_index"] < len(verdicts):
            row["verdict"] = verdicts[row["sample_index"]]
    return b"".join(json.dumps(row).encode() + b"\n" for row in [head, *rows])


@pytest.mark.parametrize("problem", [None, "nobodys_benchmark Task/1"])
def test_verdicts_of_a_trace_are_known_where_its_benchmark_is_not(problem: str | None) -> None:
    told = ["passed", "wrong_answer"]
    trace = with_verdicts(told, instruction="Do something else.", problem=problem)
    app = upload(open_generations({"from": "Upload"}), trace)
    assert payload(app)["tests"]["outcomes"][-1] == ["passed"]
    assert payload(app)["tests"]["made"] == "run when the trace was made, in boxes"
    check(app.segmented_control(key="see").set_value("All samples").run())
    assert [one.value.replace("\\", "") for one in app.header][:1] == [
        "✓ 1 sample: 1 of 1 tests pass"
    ]
    check(app.segmented_control(key="see").set_value("All problems").run())
    assert facets(app)["Tests"] == {"all pass": 1, "not all pass": 1, "not run": 8}


def test_a_verdict_of_a_trace_stands_where_no_single_test_was_run_anew() -> None:
    trace = with_verdicts(["wrong_answer"])
    ((read,), _) = read_traces(trace, "t")
    (task,) = (task for task in load_tasks() if task.instruction == read.task)
    assert len(task.tests) > 1
    assert final_outcomes(read, task, Results())[:2] == [("wrong_answer",), None]
    known = final_outcomes(read, task, load_results())
    assert all(told and len(told) == len(task.tests) for told in known)


def test_rows_left_out_are_named_and_the_others_shown() -> None:
    app = upload(open_generations({"from": "Upload"}), TRACE.read_bytes() + b"broken\n" * 30)

    (warning,) = says(app, "warning")
    assert "Left out: mine.jsonl, row" in warning and "And 22 more." in warning
    assert payload(app)["n_edits"] > 0


def test_given_files_and_model_folders_are_found(tmp_path: Path) -> None:
    (tmp_path / "trace.jsonl").write_bytes(TRACE.read_bytes())
    for name, weights in (("good", "model.safetensors"), ("pickled", "pytorch_model.bin")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}", encoding="utf-8")
        (tmp_path / name / weights).write_bytes(b"")

    given = read_given(json.dumps([str(tmp_path)]))

    assert [read.name for read in given.traces] == ["trace.jsonl"]
    assert given.models == (tmp_path / "good",)
    assert given.faults == ()


def test_given_traces_are_a_source_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "trace.jsonl").write_bytes(TRACE.read_bytes())
    monkeypatch.setenv(FILES_VARIABLE, json.dumps([str(tmp_path)]))
    forget_files()
    app = open_generations({"from": "Given files"})
    forget_files()

    assert payload(app)["generation"]["instruction"].startswith("Write longest_word")


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs the extra train")
def test_a_larger_model_writes_samples_that_are_then_shown() -> None:
    app = open_generations({"from": "Write now"})
    (tiny,) = (name for name in app.selectbox(key="writer").options if name.startswith("tiny"))
    check(app.selectbox(key="writer").set_value(tiny).run())
    assert app.selectbox(key="ask").value == "Pocket/0"  # tasks that ship are for it too
    next(n for n in app.number_input if n.label == "Samples").set_value(2)
    next(n for n in app.number_input if n.label == "Tokens a sample").set_value(16)
    check(next(b for b in app.button if b.label == "Write").click().run())

    deadline = time.monotonic() + 120
    while "written" not in app.session_state and time.monotonic() < deadline:
        time.sleep(0.5)
        check(app.run())

    assert payload(app)["meta"]["model"] == "tiny"
    assert payload(app)["meta"]["n_samples"] == 2


def test_torch_is_not_imported_by_looking(tmp_path: Path) -> None:
    import subprocess

    script = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'dashboard/streamlit_app.py')!r}, default_timeout=60).run()\n"
        "app.switch_page('app_pages/generations.py').run()\n"
        "assert not app.exception; print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split()[-1] == "False"


# ------------------------------------------------------------------ execution


def test_a_program_with_tests_shows_how_many_pass_after_each_edit() -> None:
    app = open_trajectories({"program": "prime_search"})

    shown = payload(app)["tests"]
    assert len(shown["outcomes"]) == payload(app)["n_edits"] + 1
    assert set(shown["outcomes"][-1]) == {"passed"}
    assert shown["first_passing"] is not None
    assert "isolation L3" in shown["made"]


def test_a_server_that_may_not_execute_offers_no_run() -> None:
    app = open_trajectories({"program": "coin_change", "seed": "77"})

    assert "--allow-execution" in texts(app)
    assert [b for b in app.button if b.label.startswith("Run the tests")] == []


def test_a_server_that_may_runs_the_tests_of_a_trajectory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EXECUTION, "1")
    from lintseq_core.execution.backends import IsolationError
    from lintseq_core.execution.selfcheck import choose
    from lintseq_core.execution.verdict import Isolation

    try:
        choose(Isolation.BOX)[0].close()
    except IsolationError as error:
        pytest.skip(f"no box here: {error}")
    app = open_trajectories({"program": "matrix_sum", "seed": "77"})
    (button,) = [b for b in app.button if b.label.startswith("Run the tests")]
    check(button.click().run())

    deadline = time.monotonic() + 120
    while None in payload(app)["tests"]["outcomes"] and time.monotonic() < deadline:
        time.sleep(0.5)
        check(app.run())

    assert None not in payload(app)["tests"]["outcomes"]
    assert "run on this server, isolation L3" in payload(app)["tests"]["made"]


def test_a_program_of_ones_own_is_never_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EXECUTION, "1")
    app = open_trajectories({"source": "Own program"})
    check(app.text_area(key="own_text").set_value("def row_sums(m):\n    return 1\n").run())

    assert payload(app)["tests"] is None
    assert [b for b in app.button if b.label.startswith("Run")] == []


def test_one_run_at_a_time() -> None:
    from dashboard.shared import background

    def wait(job: Any) -> None:
        job.stop.wait(20)

    first = background.start("test", wait)
    assert first is not None and background.is_busy("test")
    assert background.start("test", wait) is None
    first.stop.set()
    deadline = time.monotonic() + 10
    while not first.is_over and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    assert not background.is_busy("test")

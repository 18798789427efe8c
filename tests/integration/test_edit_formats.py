"""--edit-format and --guard format, from the program to a model's samples and back."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from lintseq_core.cli import main
from lintseq_core.edits.formats import DIFF_MARKER, FORMAT_NAMES, parse_edits
from lintseq_core.generation.trace_reading import read_trace
from tests.integration.test_generate import problems

SOURCE = (
    "def count(xs):\n    n = 0\n    for x in xs:\n        n += 1\n    return n\n"
    "\n\ndef double(x):\n    print(x)\n    return 2 * x\n\n\nprint(1)\nprint(2)\n"
)
formats = pytest.mark.parametrize("name", FORMAT_NAMES)
others = pytest.mark.parametrize(
    ("name", "asked"),
    [(name, asked) for name in FORMAT_NAMES for asked in FORMAT_NAMES if name != asked],
)


class Lintseq:
    """The command in this process: loading torch anew for each call would take most of the time."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capture = patch, capture

    def __call__(self, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
        self._patch.setattr(sys, "argv", ["lintseq", *arguments])
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as ended:
            main()
        said = self._capture.readouterr()
        return int(ended.value.code or 0), said.out, said.err


@pytest.fixture
def lintseq(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lintseq:
    return Lintseq(monkeypatch, capsys)


def written(lintseq: Lintseq, name: str) -> str:
    options = ("--format", "model", "--edit-format", name, "--seed", "3")
    code, text, said = lintseq("sample", "-", *options, stdin=SOURCE)
    assert code == 0, said
    return text


@formats
def test_what_sample_writes_apply_reads_again(lintseq: Lintseq, name: str) -> None:
    text = written(lintseq, name)
    assert text.count(f"\n{DIFF_MARKER}") > 3
    assert lintseq("apply", "-", "--edit-format", name, stdin=text)[:2] == (0, SOURCE)


def test_unified_is_what_is_written_where_no_format_is_named(lintseq: Lintseq) -> None:
    options = ("sample", "-", "--format", "model", "--seed", "3")
    assert lintseq(*options, stdin=SOURCE)[1] == written(lintseq, "unified")


@others
def test_text_in_another_format_than_asked_is_named_with_the_option(
    lintseq: Lintseq, name: str, asked: str
) -> None:
    code, program, said = lintseq(
        "apply", "-", "--edit-format", asked, stdin=written(lintseq, name)
    )
    assert (code, program) == (3, "")
    told = said.splitlines()[-1]
    assert told.endswith(f"; the hunks look {name}, not {asked}: --edit-format {name}")


@pytest.mark.parametrize("format", ["terminal", "json", "diff"])
def test_only_model_text_is_written_in_a_format(lintseq: Lintseq, format: str) -> None:
    options = ("--format", format, "--edit-format", "placed")
    code, said, notes = lintseq("sample", "-", *options, stdin=SOURCE)
    assert (code, said) == (2, "")
    assert "only --format model is written in it" in " ".join(notes.replace("│", " ").split())


# --- data sets -----------------------------------------------------------------------------------


def rows_file(folder: Path) -> Path:
    path = folder / "rows.jsonl"
    rows = [
        {"instruction": "Count them.", "response": SOURCE},
        {"instruction": "Count more.", "response": SOURCE.replace("n += 1", "n += 2")},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def built(lintseq: Lintseq, folder: Path, name: str, layout: str = "prompt-completion") -> Path:
    path = folder / f"{name}.{layout}.jsonl"
    options = ("-o", str(path), "--layout", layout, "--edit-format", name, "--workers", "1")
    code, _, said = lintseq("dataset", "build", str(rows_file(folder)), *options)
    assert code == 0, said
    return path


@formats
@pytest.mark.parametrize("layout", ["prompt-completion", "messages"])
def test_rows_say_their_format_and_hold_the_same_programs(
    lintseq: Lintseq, tmp_path: Path, name: str, layout: str
) -> None:
    from lintseq_core.data.rows import DataRow, rows_of

    path = built(lintseq, tmp_path, name, layout)
    lines = path.read_text("utf-8").splitlines()
    recorded = {json.loads(line).get("edit_format", "unified") for line in lines}
    assert recorded == {name}
    rows = list(rows_of(path))
    unified = list(rows_of(built(lintseq, tmp_path, "unified", layout)))
    assert len(rows) == len(unified) == 10
    for row, same in zip(rows, unified, strict=True):
        assert isinstance(row, DataRow)
        assert isinstance(same, DataRow)
        assert row.edit_format == name
        assert row.sequence == same.sequence
    report = json.loads(Path(f"{path}.report.json").read_text())
    assert report["request"]["settings"]["edit_format"] == name
    assert lintseq("dataset", "verify", str(path))[0] == 0
    code, said, _ = lintseq("dataset", "stats", str(path), "--json")
    assert code == 0
    assert json.loads(said)["text_tokens"] == report["tally"]["counts"]["text_tokens"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "rows of the layout 'lintseq' hold no text in the format placed: choose --layout"),
        (("--layout", "pylintseq"), "rows of the layout 'pylintseq' hold no text in the format"),
        (("--method", "whole"), "method 'whole' has no edits: leave out --edit-format"),
    ],
)
def test_a_data_set_without_text_in_a_format_is_refused(
    lintseq: Lintseq, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    where = (str(rows_file(tmp_path)), "-o", str(tmp_path / "out.jsonl"))
    code, _, said = lintseq("dataset", "build", *where, "--edit-format", "placed", *options)
    assert code == 3
    assert told in said
    assert said.count("\n") == 1


# --- models --------------------------------------------------------------------------------------

TRAINING = ("--model", "tiny", "--steps", "1", "--batch-size", "4", "--device", "cpu")
TINY = ("--stepwise", "--device", "cpu", "--max-tokens", "64", "-n", "3", "--seed", "1")


@formats
def test_a_model_records_its_format_and_is_asked_and_read_in_it(
    lintseq: Lintseq, tmp_path: Path, name: str
) -> None:
    data = built(lintseq, tmp_path, name)
    run = tmp_path / "run"
    code, _, said = lintseq("train", str(data), "-o", str(run), *TRAINING, "--edit-format", name)
    assert code == 0, said
    config = json.loads((run / "model" / "config.json").read_text())
    assert config["lintseq_edit_format"] == name
    trace = tmp_path / "trace.jsonl"
    options = ("--model", str(run / "model"), *TINY, "--guard", "format", "-o", str(trace))
    code, said, notes = lintseq("generate", "Count them.", *options)
    assert code == 0, notes
    assert "; the mask took " in said
    assert " nats, " in said
    read = read_trace(trace)  # which replays every state
    assert (read.header.request.edit_format, read.header.request.format_guard) == (name, True)
    for sample in read.samples:
        end = sample.end
        assert end is not None
        assert (end.faults, end.stop_reason) == ((), "close")
        assert end.program.strip()
        assert parse_edits(DIFF_MARKER + end.text, edit_format=name).edits
        assert end.mask is not None
        assert end.mask.nats > 0
    other = "placed" if name != "placed" else "anchored"
    code, said, notes = lintseq("generate", "Count.", *options[:2], *TINY, "--edit-format", other)
    assert (code, said) == (3, "")
    assert f"was trained on edits in the format {name}, and {other} was asked for" in notes
    assert f"--edit-format {name}, or leave it out" in notes


def test_rows_in_another_format_are_trained_on_only_where_it_is_named(
    lintseq: Lintseq, tmp_path: Path
) -> None:
    data = built(lintseq, tmp_path, "anchored")
    code, _, said = lintseq("train", str(data), "-o", str(tmp_path / "run"), *TRAINING)
    assert code == 3
    assert said.endswith(
        "row 1: its edits are in the format anchored; say what to train on: --edit-format "
        "anchored, or unified for the paper's\n"
    )
    code, shown, _ = lintseq("train", str(data), "--show", "1", "--edit-format", "unified")
    assert code == 0
    assert "@@ -0,0 +1" in shown
    code, shown, _ = lintseq("train", str(data), "--show", "1", "--edit-format", "placed")
    assert code == 0
    assert "@@ +1" in shown
    assert "@@ -0,0" not in shown


def test_a_model_of_an_unknown_format_is_refused_in_one_line(
    lintseq: Lintseq, tmp_path: Path
) -> None:
    from lintseq_core.models.load import load_model

    loaded = load_model("tiny")
    loaded.model.config.lintseq_edit_format = "woven"
    loaded.model.save_pretrained(tmp_path)
    loaded.tokenizer.save_pretrained(tmp_path)
    code, said, notes = lintseq("generate", "Count.", "--model", str(tmp_path), *TINY)
    assert (code, said) == (3, "")
    notes = notes.rpartition("\r")[2]  # what saving the model said
    known = "unified, placed, anchored, search_replace"
    assert f"edit_format is 'woven'; this release knows {known}; update lintseq-core" in notes
    assert notes.count("\n") == 1


def test_too_few_tokens_for_an_edit_are_refused_with_how_many_it_takes(lintseq: Lintseq) -> None:
    options = ("--model", "tiny", *TINY, "--guard", "format", "--max-tokens", "9")
    code, said, notes = lintseq("generate", "Count.", *options)
    assert (code, said) == (3, "")
    assert "max_tokens is 9, and the shortest text of the format unified takes 20" in notes


def test_a_masked_sample_is_the_same_alone_and_beside_others(
    lintseq: Lintseq, tmp_path: Path
) -> None:
    texts = []
    for n, batch in (("3", "3"), ("3", "1"), ("1", "1")):
        path = tmp_path / f"{n}.{batch}.jsonl"
        options = ("--model", "tiny", *TINY[:-4], "-n", n, "--seed", "4", "--guard", "format")
        code, _, said = lintseq(
            "generate", "Sum.", *options, "--batch-size", batch, "-o", str(path)
        )
        assert code == 0, said
        texts.append([sample.end.text for sample in read_trace(path).samples if sample.end])
    assert texts[0] == texts[1]
    assert texts[2] == texts[0][:1]


def test_what_the_mask_took_is_told_for_each_problem_of_a_benchmark(
    lintseq: Lintseq, tmp_path: Path
) -> None:
    where = ("-b", "humaneval", "--data", str(problems(tmp_path)), "--task", "Mini/0")
    options = ("--model", "tiny", *TINY, "--guard", "format", "--edit-format", "anchored")
    code, said, notes = lintseq("generate", *where, *options, "-o", str(tmp_path / "traces"))
    assert code == 0, notes
    assert "Mini/0: 3 samples, " in said
    assert " nats a sample" in said

"""What one row of a source becomes: rows of a layout, or a drop with its reason and place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lintseq_core import EditSequence, Program, sample_path
from lintseq_core.data.building.items import DROP_KINDS, Drop, ItemMaker, Made, Seen
from lintseq_core.data.building.report import rows_section
from lintseq_core.data.building.tally import BuildTally
from lintseq_core.data.building.worker import make_item
from lintseq_core.data.counts import Counts
from lintseq_core.data.row_files import TooLong
from lintseq_core.data.rows import read_row
from lintseq_core.data.settings import BuildSettings
from lintseq_core.errors import LinterFailure, LintSeqError
from lintseq_core.linting import Finding

CODE = "def f(x):\n    y = x + 1\n    return y\n"
SETTINGS = BuildSettings("response", "instruction", samples=2, seed=3)


def line(response: Any = CODE, instruction: Any = "Add one.") -> bytes:
    return json.dumps({"instruction": instruction, "response": response}).encode()


DROPS: dict[str, tuple[Any, str, str]] = {
    "broken JSON": (b'{"a": ', "bad_json", "row 5: not JSON: Expecting value at character 7"),
    "deep JSON": (b"[" * 100_000, "bad_json", "row 5: not JSON: maximum recursion depth exceeded"),
    "not UTF-8": (b'{"a": "\xff"}', "not_utf8", "row 5: byte 0xff at 8 is not UTF-8; convert the file to UTF-8"),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), "not_utf8", "row 5: byte 0xff at 1 is not UTF-8; convert the file to UTF-8"),
    "a list": (b"[1, 2]", "wrong_type", "row 5: the row is a list, expected a JSON object"),
    "a string": (b'"x"', "wrong_type", "row 5: the row is a string, expected a JSON object"),
    "no program": (b'{"instruction": ""}', "missing_field", "row 5: no field 'response'; the row has instruction"),
    "no instruction": (b'{"response": "x = 1"}', "missing_field", "row 5: no field 'instruction'; the row has response"),
    "program null": (line(None), "wrong_type", "row 5: field 'response' is null, expected a string"),
    "instruction a number": (line(CODE, 7), "wrong_type", "row 5: field 'instruction' is a number, expected a string"),
    "empty": (line(" \n"), "empty_program", "row 5: field 'response' is empty"),
    "only comments": (line("# a\n"), "no_code", "row 5: the program is only comments; give one line of code"),
    "prose": (line("Sorry, no."), "syntax", "row 5, line 1: invalid syntax: 'Sorry, no.'"),
    "fence of another language": (line("```js\nlet x\n```"), "no_python", "row 5: no code fence is labelled Python"),
    "a draft without end": (line("<think>\n```python\nx = 1\n```\nor"), "unfinished_draft", "row 5: the answer ends inside its draft: no closing </think>"),
    "a block that does not compile": (line("Look:\n```python\nx = (\n```"), "syntax", "row 5, line 1: '(' was never closed"),
    "empty fence": (line("Look:\n```python\n```"), "no_code", "row 5: the program is empty; give one line of code"),
    "NUL": (line("x = 1\0"), "nul", "row 5, line 1: NUL character; remove it"),
    "surrogate in the program": (line("x = '\ud800'"), "encoding", "row 5, line 1: lone surrogate U+D800 is no character; remove it"),
    "surrogate in the instruction": (line(CODE, "\udfff"), "encoding", "row 5: lone surrogate U+DFFF is no character"),
    "too many lines": (line("x = 1\n" * 5_001), "too_many_lines", "row 5: 5,002 lines, more than 5,000"),
    "too long a row": (TooLong(50_000_000), "row_too_long", "row 5: 50,000,000 bytes, more than --max-row-bytes 10,485,760"),
    "too deep": (line("(" * 300 + ")" * 300), "syntax", "row 5, line 1: too many nested parentheses"),
}  # fmt: skip


@pytest.mark.parametrize("name", DROPS)
def test_a_row_that_cannot_be_used_is_a_drop_with_its_row_and_reason(name: str) -> None:
    payload, kind, message = DROPS[name]
    item = make_item(ItemMaker(SETTINGS, "s.jsonl"), 4, payload, 60)
    assert isinstance(item, Drop)
    assert (item.index, item.kind) == (4, kind)
    assert item.message.startswith(message)
    assert kind in DROP_KINDS


def test_a_row_becomes_its_sequences_with_where_they_come_from() -> None:
    item = ItemMaker(SETTINGS, "s.jsonl").make(4, line())
    assert isinstance(item, Made)
    rows = [json.loads(row) for row in item.rows.splitlines()]
    program = Program.from_text(CODE)
    for path_index, row in enumerate(rows):
        expected = sample_path(program, seed=3, path_index=path_index)
        assert row == {
            **json.loads(expected.to_json(with_reasons=False)),
            "instruction": "Add one.",
            "index": 4,
            "source_file": "s.jsonl",
        }
    assert len(rows) == 2
    assert item.digest.hex() == program.id[:32]
    assert item.counts.edits_per_sequence == tuple(
        EditSequence.from_json(row).n_edits for row in rows
    )


ANSWERS = Path(__file__).resolve().parents[2] / "data" / "fences"


PROGRAMS = {  # number of lines, and the last
    "inner4": (9, "    return y"),
    "inner4bare": (9, "    return y"),
    "inner0": (9, "    return TEMPLATE.strip()"),
    "strline": (7, '    return "\\n".join(lines)'),
    "tilde": (3, "print(y)"),
    "trail": (2, "    return 1"),
    "trail2": (2, "    return 1"),
    "oneline": (1, "print(1 + 1)"),
    "glued": (2, "print(4)"),
    "nolabel_first": (2, "    return 2"),
    "pycon": (2, "print(z)"),
    "blockquote": (2, "print(a)"),
    "upper": (2, "print(u)"),
    "attr": (2, "print(u)"),
    "curly": (2, "print(u)"),
    "colab": (2, "print(u)"),
    "think": (2, "print(final)"),
}


def test_every_answer_that_holds_a_program_becomes_rows_of_it() -> None:
    found = {}
    for row in (ANSWERS / "dataset_rows.jsonl").read_bytes().splitlines():
        item = ItemMaker(SETTINGS, "s").make(0, row)
        assert isinstance(item, Made), item
        lines = read_row(0, item.rows.split(b"\n")[0]).program.lines
        found[json.loads(row)["instruction"]] = (len(lines), lines[-1])
    assert found == PROGRAMS


def test_code_blocks_that_are_left_out_are_counted() -> None:
    usage = "Use:\n```python\n>>> add(1)\n2\n```\n```python\nadd(...\n```"
    item = ItemMaker(SETTINGS, "s").make(0, line(f"```python\n{CODE}```\n{usage}"))
    assert isinstance(item, Made)
    assert (item.counts.blocks_left_out, read_row(0, item.rows.split(b"\n")[0]).program.text) == (
        2,
        CODE,
    )
    counts = Counts()
    counts.add(item.counts)
    counts.merge(Counts.from_dict(counts.to_dict()))
    assert counts.blocks_left_out == 4
    old = {name: value for name, value in counts.to_dict().items() if name != "blocks_left_out"}
    assert Counts.from_dict(old).blocks_left_out == 0
    report = "\n".join(rows_section(BuildTally(rows_read=1, counts=counts)))
    assert "4 code blocks of used rows were left out, as they do not compile" in report


def test_the_authors_layout_has_their_fields_and_the_response_as_it_stands() -> None:
    answer = f"Sure!\n```python\n{CODE}```\n"
    settings = BuildSettings("response", "instruction", samples=1, layout="pylintseq")
    item = ItemMaker(settings, "s.jsonl").make(0, line(answer))
    assert isinstance(item, Made)
    assert json.loads(item.rows) == {
        "edit_path": list(sample_path(Program.from_text(CODE), seed=0).edits()),
        "index": 0,
        "source_file": "s.jsonl",
        "source_instruction": "Add one.",
        "source_response": answer,
    }


def test_trainers_layouts_hold_the_model_text() -> None:
    sequence = sample_path(Program.from_text(CODE), seed=0)
    text = sequence.to_model_text(eos="<end>")
    about = {"index": 0, "source_file": "s", "program_id": sequence.program.id, "path_index": 0}
    expected = {
        "messages": {
            "messages": [
                {"role": "user", "content": "Add one."},
                {"role": "assistant", "content": text[1:]},
            ],
            **about,
        },
        "prompt-completion": {"prompt": "Add one.", "completion": text, **about},
    }
    for layout, row in expected.items():
        settings = BuildSettings("response", "instruction", samples=1, layout=layout, eos="<end>")  # type: ignore[arg-type]
        item = ItemMaker(settings, "s").make(0, line())
        assert isinstance(item, Made)
        assert json.loads(item.rows) == row


def test_the_baseline_is_the_program_after_a_line_break() -> None:
    settings = BuildSettings(
        "response", None, samples=1, method="whole", layout="prompt-completion", eos="<end>"
    )
    item = ItemMaker(settings, "s").make(0, b'{"response": "x = 1"}')
    assert isinstance(item, Made)
    row = json.loads(item.rows)
    assert (row["prompt"], row["completion"]) == ("", "\nx = 1\n<end>")
    assert read_row(0, item.rows).program.text == "x = 1\n"


@pytest.mark.parametrize("layout", ["lintseq", "pylintseq", "messages", "prompt-completion"])
@pytest.mark.parametrize("method", ["lintseq", "randseq"])
def test_every_layout_is_read_back_as_the_same_edits(layout: Any, method: Any) -> None:
    settings = BuildSettings("response", "instruction", samples=2, layout=layout, method=method)
    tricky = "def f():\n    '''\n+ @@ -0,0 +1 @@\n<|diff|>\n    '''\n    return f\n\n\nx = f()\n"
    item = ItemMaker(settings, "s").make(0, line(tricky))
    assert isinstance(item, Made)
    for path_index, data in enumerate(item.rows.splitlines()):
        row = read_row(7, data)
        expected = sample_path(
            Program.from_text(tricky), seed=0, path_index=path_index, method=method
        )
        assert row.sequence is not None
        assert row.sequence.birth_steps == expected.birth_steps
        assert row.program == expected.program
        assert (row.number, row.layout, row.instruction, row.index) == (8, layout, "Add one.", 0)


def test_reasons_are_kept_where_asked_for() -> None:
    settings = BuildSettings("response", "instruction", samples=1, reasons=True)
    item = ItemMaker(settings, "s").make(0, line())
    assert isinstance(item, Made)
    assert EditSequence.from_json(json.loads(item.rows)) == sample_path(
        Program.from_text(CODE), seed=0
    )


def test_a_program_met_before_is_not_sampled_again_whatever_is_around_it() -> None:
    maker = ItemMaker(SETTINGS, "s")
    first = maker.make(0, line())
    again = maker.make(1, line(f"So:\n```python\n\n{CODE}\n\n```", "Other words."))
    assert isinstance(first, Made)
    assert again == Seen(1, first.digest)
    assert isinstance(ItemMaker(SETTINGS, "s").make(1, line()), Made)


class _Crashing:
    name = "crashing"
    version = "1"

    def lint(self, source: str) -> tuple[Finding, ...]:
        raise LinterFailure("the linter gave up")


def test_a_failed_linter_is_a_drop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lintseq_core.data.building.items.get_linter", lambda name: _Crashing())
    item = ItemMaker(SETTINGS, "s").make(2, line())
    assert item == Drop(2, "linter_failure", "row 3: the linter gave up")


def test_a_program_that_takes_too_long_is_a_drop() -> None:
    program = "".join(f"def f{n}(a, b):\n    c = a\n    return b + c\n" for n in range(1_500))
    item = make_item(ItemMaker(SETTINGS, "s"), 2, line(program), 0.05)
    assert item == Drop(2, "too_slow", "row 3: took more than 0.05 CPU seconds")


def test_a_fault_of_our_own_is_a_drop_that_names_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("lintseq_core.data.building.items.sample_paths", fail)
    item = make_item(ItemMaker(SETTINGS, "s"), 2, line(), 60)
    why = "row 3: ZeroDivisionError: oops; please report this program"
    assert item == Drop(2, "crashed", why)


WRONG_SETTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "no sample": ({"samples": 0}, "samples is 0: use 1 or more"),
    "similarity of 1.5": ({"near_dedup": 1.5}, "near_dedup is 1.5: use a number above 0, at most 1"),
    "near without exact": ({"near_dedup": 0.8, "dedup": False}, "near_dedup needs dedup: leave out --no-dedup"),
    "whole programs as edits": ({"method": "whole", "samples": 1}, "the layout 'lintseq' holds edits and method 'whole' has none: choose --layout prompt-completion or messages"),
    "whole programs five times": ({"method": "whole", "layout": "messages"}, "samples is 5: method 'whole' has one row per program, leave it out"),
    "reasons without a place": ({"layout": "messages", "reasons": True}, "the layout 'messages' has no place for reasons"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_SETTINGS)
def test_settings_that_contradict_each_other_are_refused(name: str) -> None:
    options, message = WRONG_SETTINGS[name]
    with pytest.raises(LintSeqError) as caught:
        BuildSettings("response", "instruction", **options)
    assert str(caught.value) == message


# --- fields beside the two, and chats ------------------------------------------------------------

USER, ANSWER = {"role": "user", "content": "Add one."}, {"role": "assistant", "content": CODE}
SYSTEM = {"role": "system", "content": "Be brief."}
SHARED = [{"from": "system", "value": "s"}, {"from": "human", "value": "Add one."}, {"from": "gpt", "value": CODE}]  # fmt: skip
PARTS = {
    "role": "user",
    "content": [{"type": "text", "text": "Add"}, {"type": "text", "text": "one."}],
}
CHAT = {"program_field": "messages", "instruction_field": "messages"}
ALPACA = {"program_field": "output", "instruction_field": "instruction", "input_field": "input"}
PAIR = {"program_field": "completion", "instruction_field": "prompt"}

# settings, row -> the instruction and what is counted as not used, or kind and message of the drop
EXCHANGES: dict[str, tuple[dict[str, str], dict[str, Any], tuple[str, Any]]] = {
    "alpaca": (ALPACA, {"instruction": "Add.", "input": "x = 0", "output": CODE}, ("Add.\n\n### Input:\nx = 0", ())),
    "alpaca without input": (ALPACA, {"instruction": "Add.", "input": "", "output": CODE}, ("Add.", ())),
    "alpaca with null": (ALPACA, {"instruction": "Add.", "input": None, "output": CODE}, ("Add.", ())),
    "alpaca with more": (ALPACA, {"instruction": "Add.", "input": " ", "output": CODE, "text": "t", "id": 0, "tags": []}, ("Add.", ("text", "id"))),
    "input left out": (ALPACA | {"input_field": ""}, {"instruction": "Add.", "input": "x = 0", "output": CODE}, ("Add.", ("input",))),
    "chat": (CHAT, {"messages": [USER, ANSWER]}, ("Add one.", ())),
    "chat with a system turn": (CHAT, {"messages": [SYSTEM, USER, ANSWER], "source": "x"}, ("Add one.", ("source", "system turn"))),
    "chat in parts": (CHAT, {"messages": [PARTS, ANSWER]}, ("Add\none.", ())),
    "sharegpt": ({"program_field": "conversations", "instruction_field": "conversations"}, {"conversations": SHARED}, ("Add one.", ("system turn",))),
    "chats in two fields": (PAIR, {"prompt": [SYSTEM, USER], "completion": [ANSWER]}, ("Add one.", ("system turn",))),
    "a chat and a text": (PAIR, {"prompt": "Add one.", "completion": [ANSWER]}, ("Add one.", ())),
    "turns by number": ({"program_field": "messages.1.content", "instruction_field": "messages.0.content"}, {"messages": [USER, ANSWER]}, ("Add one.", ())),
    "several turns": (CHAT, {"messages": [USER, ANSWER, USER, ANSWER]}, ("several_turns", "row 5: field 'messages' has 4 turns; what is asked last hangs on those before")),
    "several turns before": (PAIR, {"prompt": [USER, ANSWER, USER], "completion": [ANSWER]}, ("several_turns", "row 5: field 'prompt' has 3 turns; what is asked last hangs on those before")),
    "no answer": (CHAT, {"messages": [SYSTEM, USER]}, ("no_exchange", "row 5: field 'messages' has no turn of the assistant in its place")),
    "answer first": (CHAT, {"messages": [ANSWER, USER]}, ("no_exchange", "row 5: field 'messages' has no turn of the user in its place")),
    "no turn": (CHAT, {"messages": []}, ("wrong_type", "row 5: field 'messages' is a list, expected a string or a chat")),
    "a tool": (CHAT, {"messages": [USER, {"role": "tool", "content": "x"}]}, ("no_exchange", "row 5: field 'messages' has a turn of 'tool'")),
    "an image": (CHAT, {"messages": [{"role": "user", "content": [{"type": "image"}]}, ANSWER]}, ("wrong_type", "row 5: field 'messages' has a turn that is no text")),
}  # fmt: skip


@pytest.mark.parametrize("name", EXCHANGES)
def test_what_a_row_asks_is_read_whole_and_what_is_not_used_is_counted(name: str) -> None:
    fields, row, (first, second) = EXCHANGES[name]
    named = {field: value or None for field, value in fields.items()}
    settings = BuildSettings(**named, samples=1, layout="prompt-completion")  # type: ignore[arg-type]
    item = ItemMaker(settings, "s.jsonl").make(4, json.dumps(row).encode())
    if isinstance(item, Drop):
        assert (item.kind, item.message) == (first, second)
        assert item.kind in DROP_KINDS
    else:
        assert isinstance(item, Made)
        assert (json.loads(item.rows)["prompt"], item.unused) == (first, second)

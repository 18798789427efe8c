"""Edits count as the program they write; everything else as it stands."""

from __future__ import annotations

import pytest

from lintseq_core.results.formats.fault import FormatError
from lintseq_core.results.programs import edits_of, gather_programs
from lintseq_core.results.sample import Sample

EDIT = "@@ -0,0 +1,2 @@\n+def f():\n+    return 1"
PROGRAM = "def f():\n    return 1\n"


@pytest.mark.parametrize(
    ("completion", "program"),
    [
        (f"{EDIT}\n<|diff|>\n<|diff|>", PROGRAM),
        (f"\n<|diff|>{EDIT}\n<|diff|>\n<|diff|>", PROGRAM),
        ("@@ -0,0 +1 @@\n+b\n<|diff|>@@ -0,0 +1 @@\n+a\n<|diff|>\n<|diff|>", "a\nb\n"),
        (f"{EDIT}\n<|diff|>@@ broken\n<|diff|>\n<|diff|>", PROGRAM),
        ("    return 1\n", "    return 1\n"),
        ("x = '<|diff|>'\n", "x = '<|diff|>'\n"),
        ("", ""),
    ],
)
def test_a_completion_is_the_program_it_writes(completion: str, program: str) -> None:
    gathered = gather_programs([Sample("a", 0, completion=completion)])
    assert gathered.by_problem == {"a": [program]}


def test_programs_stay_in_the_order_of_the_file_and_edits_are_kept() -> None:
    path = {"edit_path": ["@@ -0,0 +1 @@\n+b", "", "@@ -0,0 +1 @@\n+a"]}
    gathered = gather_programs(
        [
            Sample("b", 0, solution="a\nb\n", extra=path),
            Sample("a", 0, solution="y"),
            Sample("b", 1, solution="z"),
        ]
    )
    assert gathered.by_problem == {"b": ["a\nb\n", "z"], "a": ["y"]}
    assert (gathered.n_programs, [len(edits) for edits in gathered.edits]) == (3, [2])
    assert edits_of(Sample("a", 0, solution="y")) is None


def test_a_prompt_is_put_before_what_has_none_and_no_program_is_an_error() -> None:
    samples = [Sample("a", 0, completion="x"), Sample("a", 1, solution="y")]
    gathered = gather_programs(samples, lambda sample: f"prompt {sample.completion}")
    assert gathered.by_problem == {"a": ["prompt x", "y"]}
    with pytest.raises(FormatError, match="f, row 3: no program; the file has verdicts only"):
        gather_programs([Sample("a", 0, place="f, row 3", passed=True)])

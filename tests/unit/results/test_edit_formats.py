"""Samples whose rows say in which format their edits are."""

from __future__ import annotations

import pytest

from lintseq_core import LintSeqError
from lintseq_core.edits.formats import FORMAT_NAMES, model_text
from lintseq_core.edits.hunks import edits_from_birth_steps
from lintseq_core.results.programs import edits_of, program_text
from lintseq_core.results.sample import Sample
from lintseq_core.results.samples.row import row_of_sample

LINES = ["def f(x):", "    # twice", "    return 2 * x"]
BIRTHS = [0, 1, 0]
EDITS = edits_from_birth_steps(LINES, BIRTHS)
PROGRAM = "".join(f"{line}\n" for line in LINES)


def sample_in(name: str) -> Sample:
    return Sample(
        "t", 0, completion=model_text(EDITS, edit_format=name), extra={"edit_format": name}
    )


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_edits_are_read_in_the_format_that_the_row_names(name: str) -> None:
    sample = sample_in(name)
    assert edits_of(sample) == EDITS
    assert program_text(sample) == program_text(sample, "diff") == PROGRAM
    row = row_of_sample(sample, 1, "f")
    assert (row.text, row.births, row.n_faults) == (PROGRAM, tuple(BIRTHS), 0)
    assert (row.completion, row.edit_format) == (sample.completion, name)


def test_a_format_that_is_not_known_is_refused_with_its_place() -> None:
    sample = Sample(
        "t", 0, place="s.jsonl, row 1", completion="<|diff|>@@", extra={"edit_format": "v9"}
    )
    with pytest.raises(LintSeqError, match=r"^s\.jsonl, row 1: edit_format is 'v9'; this release"):
        edits_of(sample)

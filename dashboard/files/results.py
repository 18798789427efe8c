"""Runs of pass@k out of the files that are here, as tests and scorer decide them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dashboard.files.brought import Brought
from dashboard.files.examples import shipped_samples
from dashboard.files.samples import (
    AS_FILES_SAY,
    MAX_FILES,
    Deciding,
    Run,
    counted,
    has_programs,
    keys_of,
    record_of,
    samples_of,
    scorers_in_file,
    style_of_file,
)
from lintseq_core import LintSeqError
from lintseq_core.benchmarks import PromptStyle
from lintseq_core.results.belonging import (
    Keys,
    ResultsFacts,
    SamplesFacts,
    samples_of_results,
)
from lintseq_core.results.formats.fault import FormatError
from lintseq_core.results.programs import program_text
from lintseq_core.results.sample import Sample, temperature_of
from lintseq_core.results.styles import named_style


@dataclass(frozen=True, slots=True)
class Counted:
    """Runs by the name of their file and by temperature, and what is no result, with why."""

    runs: dict[str, dict[float | None, Run]] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    """Of the server's files."""
    errors: tuple[str, ...] = ()
    """Of what the visitor brought."""

    @property
    def has_both_suites(self) -> bool:
        """Whether a run was decided by base and plus tests of EvalPlus."""
        return any(
            one.tally.suite == "plus" for runs in self.runs.values() for one in runs.values()
        )


def count_runs(files: Sequence[Brought], deciding: Deciding = AS_FILES_SAY) -> Counted:
    """The runs in `files`, each counted once; of samples that nobody decided there are none."""
    found: dict[str, dict[float | None, Run]] = {}
    read, faults = as_many_as_are_kept(files)
    errors = []
    for file in read:
        name = file.file if file.origin == "uploaded" else ""
        try:
            runs = counted(file.path, deciding, name)
        except (LintSeqError, OSError) as error:
            (errors if file.is_own else faults).append(str(error))
        else:
            if runs is not None:
                found[file.name] = runs
    return Counted(found, tuple(faults), tuple(errors))


def scorers_in(files: Iterable[Brought]) -> tuple[str, ...]:
    """The scorers of the logs of Inspect among `files` that have several."""
    found: dict[str, None] = {}
    for file in files:
        try:
            found |= dict.fromkeys(scorers_in_file(file.path, file.file))
        except (LintSeqError, OSError):
            continue  # whoever counts the file says what is wrong with it
    return tuple(found)


def as_many_as_are_kept(files: Sequence[Brought]) -> tuple[list[Brought], list[str]]:
    """All of the visitor's own files and the first of the server's; that others are left out."""
    server = [file for file in files if not file.is_own]
    left_out = server[MAX_FILES:]
    said = [f"{len(left_out)} files after the first {MAX_FILES}"] if left_out else []
    return [file for file in files if file not in left_out], said


@dataclass(frozen=True, slots=True)
class SamplesShown:
    """The samples of one problem at the temperature of a run, with their programs."""

    samples: tuple[Sample, ...]
    texts: dict[int, str | None]
    """The program of each, by sample_id, where there is one."""
    source: Brought
    """The file that the programs are from."""


def samples_of_problem(
    file: Brought, run: Run, task: str, files: Sequence[Brought]
) -> SamplesShown:
    """The samples of `task` in `run`, which is of `file`; `files` may hold their programs."""
    decided = [
        one
        for one in samples_of(file.path, file.file, task, run.scorer)
        if not run.is_part or temperature_of(one) == run.temperature
    ]
    record = record_of(file.path) if file.origin != "uploaded" else None
    named = named_style(record) if record else None
    source, style = file, named or _style(file)
    texts = {one.sample_id: program_text(one, style) for one in decided}
    if all(text is None for text in texts.values()):
        beside = samples_of_file(file, files)
        if beside is not None:
            source, style = beside, named or _style(beside)
            found = samples_of(beside.path, beside.file, task)
            texts = {one.sample_id: program_text(one, style) for one in found}
    return SamplesShown(tuple(decided), texts, source)


def samples_of_file(results: Brought, files: Sequence[Brought]) -> Brought | None:
    """The file of samples among `files`, and those that ship, that `results` belong to."""
    others = [one for one in (*files, *shipped_samples()) if one.path != results.path]
    samples = [one for one in others if _has_programs(one)]
    verdicts = [results, *(one for one in others if one not in samples)]
    facts = [results_facts(results), *filter(None, map(_facts_or_none, verdicts[1:]))]
    has_records = any(one.results_of for one in facts)
    place = samples_of_results(0, [samples_facts(one, has_records) for one in samples], facts)
    return None if place is None else samples[place]


def samples_facts(file: Brought, has_records: bool) -> SamplesFacts:
    """What tells whose results are those of `file`; its hash where a record may name it."""
    return SamplesFacts(file.file, file.key if has_records else "", lambda: _keys_of(file))


def results_facts(file: Brought) -> ResultsFacts:
    """What tells which samples `file` has the verdicts of. ScoreError for another file's record."""
    return ResultsFacts(file.file, lambda: _keys_of(file), hashes_of(file))


def _facts_or_none(file: Brought) -> ResultsFacts | None:
    try:
        return results_facts(file)
    except LintSeqError:
        return None  # the page that shows the file says what is wrong with its record


def _keys_of(file: Brought) -> Keys:
    try:
        return keys_of(file.path, file.file)
    except (LintSeqError, OSError):
        return frozenset()  # the page that shows the file says what is wrong with it


def hashes_of(results: Brought) -> frozenset[str]:
    """sha256 of all files that the run record of `results` names; none without a record."""
    record = record_of(results.path) if results.origin != "uploaded" else None
    return frozenset(record.hashes.values()) if record else frozenset()


def _has_programs(file: Brought) -> bool:
    try:
        return has_programs(file.path, file.file)
    except OSError:
        return False


def _style(file: Brought) -> PromptStyle | None:
    """The style of the file's samples; None where they disagree: each is then shown as it is."""
    try:
        return style_of_file(file.path, file.file).style
    except FormatError:
        return None

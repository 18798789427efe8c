"""What ships of pocket models is made of the folder of a study, and fits its limits."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assets.make import pocket
from assets.make.pocket import make_all, names_in, require_sizes, trace_name
from lintseq_core.benchmarks import ProblemSet, get_benchmark
from lintseq_core.cli import app as lintseq
from lintseq_core.errors import LintSeqError
from lintseq_core.models.pocket.folder import load_pocket
from lintseq_core.results.formats.reading import open_input
from lintseq_core.results.formats.recognise import identify
from lintseq_core.results.scores.tally import find_record
from lintseq_core.viewer.traces import read_traces
from tests.integration.pocket_study import FORMATS, N_SAMPLES, make_study

ASSETS = Path(__file__).parents[2] / "assets"
SHIPPED = ASSETS / "pocket"
N_TRACED = 2


@pytest.fixture(scope="module")
def problems() -> ProblemSet:
    return get_benchmark("pocket").problems().spread(3)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, problems: ProblemSet) -> Path:
    return make_study(tmp_path_factory.mktemp("pocket") / "study", problems)


def made(study: Path, target: Path, problems: ProblemSet) -> Path:
    make_all(
        study, target, problems,
        n_samples=N_SAMPLES, n_traced_tasks=N_TRACED, allow_execution=True, workers=2,
    )  # fmt: skip
    return target


@pytest.fixture(scope="module")
def shipped(study: Path, problems: ProblemSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(study, tmp_path_factory.mktemp("assets") / "pocket", problems)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_study_gives_the_same_bytes_and_nothing_old_stays(
    study: Path, problems: ProblemSet, shipped: Path, tmp_path: Path
) -> None:
    target = tmp_path / "pocket"
    (target / "pocket-anchored").mkdir(parents=True)
    (target / "README.md").write_text("Kept.")
    again = files_of(made(study, target, problems))
    assert again.pop("README.md") == b"Kept."
    assert again == files_of(shipped)
    assert {name.split("/")[0] for name in again} == {*FORMATS, "samples", "traces"}


@pytest.mark.parametrize("name", FORMATS)
def test_a_model_ships_with_its_card_programs_verdicts_and_traces(
    shipped: Path, problems: ProblemSet, name: str
) -> None:
    assert load_pocket(name, shipped / name).edit_format == FORMATS[name]
    card = (shipped / name / "README.md").read_text("utf-8")
    assert f"# {name}\n" in card and "MIT" in card and "lintseq train rows.jsonl -o run" in card
    assert f"lintseq generate -b pocket --model {name}" in card
    assert "pass@1 20.0%" in card
    samples = shipped / "samples" / f"{name}.jsonl.gz"
    record = find_record(samples)
    assert record is not None and record.promised == dict.fromkeys(
        (problem.task_id for problem in problems), N_SAMPLES
    )
    assert str(shipped) not in record.command and "study/" not in record.command
    with open_input(str(samples)) as source:
        known = identify(source)
        assert (known.kind, known.format and known.format.name) == ("results", "lintseq")
    done = CliRunner().invoke(lintseq, ["passk", str(samples), "--k", "1", "--json"])
    assert json.loads(done.stdout)["pass@1"] == pytest.approx(0.2)
    for problem in problems.spread(N_TRACED):
        path = shipped / "traces" / name / trace_name(problem.task_id)
        (read,), faults = read_traces(path.read_bytes(), path.name)
        assert not faults
        assert (read.model, len(read.trace.samples)) == (name, pocket.N_TRACED)
        for sample in read.trace.samples:
            assert sample.end is not None and sample.end.verdict
            assert all(step.verdict for step in sample.kept_steps)


def changed(study: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(study, tmp_path / "study"))


def test_a_study_that_does_not_fit_is_one_line_with_the_place(
    study: Path, problems: ProblemSet, tmp_path: Path
) -> None:
    folder = changed(study, tmp_path)
    target = tmp_path / "pocket"
    with pytest.raises(LintSeqError, match=r"5 samples of Pocket/0, and 50 ship; sample with -b"):
        make_all(folder, target, problems, n_traced_tasks=N_TRACED, allow_execution=True)
    (folder / "pocket-randseq" / "about.json").write_text('{"trained_tokens": 3, "seed": "a"}')
    with pytest.raises(LintSeqError, match=r"pocket-randseq/about.json: seed is no int"):
        made(folder, target, problems)
    results = folder / "pocket-lintseq" / "results.jsonl"
    rows = results.read_text().splitlines(keepends=True)
    results.write_text("".join(rows[1:]))
    with pytest.raises(LintSeqError, match=r"results\.jsonl is not of samples/samples\.jsonl"):
        made(folder, target, problems)
    results.write_text("".join(rows))
    (folder / "pocket-placed").rename(folder / "pocket-anchored")
    with pytest.raises(LintSeqError, match="the model writes placed, and one of this name"):
        made(folder, target, problems)
    (folder / "pocket-mine").mkdir()
    with pytest.raises(LintSeqError, match="beside the three there is one of pocket-placed"):
        names_in(folder)
    shutil.rmtree(folder / "pocket-whole")
    with pytest.raises(LintSeqError, match="no folder pocket-whole"):
        names_in(folder)
    assert not target.exists()


def test_what_is_too_large_to_ship_is_refused_and_replaces_nothing(
    study: Path, problems: ProblemSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "pocket"
    (target / "samples").mkdir(parents=True)
    (target / "samples" / "old.jsonl.gz").write_bytes(b"old")
    monkeypatch.setattr(pocket, "MAX_TRACES_BYTES", 1_000)
    with pytest.raises(
        LintSeqError, match=r"^traces: [0-9,]+ bytes, and 1,000 may ship; ship fewer"
    ):
        made(study, target, problems)
    assert files_of(target) == {"samples/old.jsonl.gz": b"old"}


def test_what_ships_of_pocket_models_keeps_within_its_limits() -> None:
    require_sizes(SHIPPED, [path.name for path in SHIPPED.glob("pocket-*")])

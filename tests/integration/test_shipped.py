"""What ships is read by the code that ships with it: records, adapters, traces, samples."""

from __future__ import annotations

import importlib.util
import json
import shlex
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from assets.make.adapters import ADAPTERS, N_TRACED, RECIPE, SAMPLING, sampling_commands
from lintseq_core.benchmarks import basics
from lintseq_core.edits.formats import DIFF_MARKER, apply_edits, parse_edits
from lintseq_core.experiments.experiment import read_result
from lintseq_core.experiments.pipeline.stages import RunFolder
from lintseq_core.experiments.small_models import PROFILES
from lintseq_core.generation.trace_reading import read_trace
from lintseq_core.models.adapters import BASE, WEIGHTS, adapter_base, merge_adapter
from lintseq_core.models.load import load_model
from lintseq_core.models.presets import find_preset, preset_config
from lintseq_core.results.formats.reading import open_input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.scores.tally import find_record, tally

ASSETS = Path(__file__).parents[2] / "assets"
RECORDS = sorted(path.parent for path in (ASSETS / "results").rglob("result.json"))
TRACES = sorted((ASSETS / "generations" / "traces").rglob("Basics_*.jsonl"))


def name_of(path: Path) -> str:
    return path.relative_to(ASSETS).as_posix()


@pytest.mark.parametrize("folder", RECORDS, ids=name_of)
def test_a_record_is_read_and_its_tables_are_the_recorded_ones(folder: Path) -> None:
    found = read_result(folder)
    python, program, *rest = shlex.split(found.record.command)
    assert python == "python"
    if program == "-m":
        assert importlib.util.find_spec(rest[0]), "the recorded command is gone"
    else:
        assert (ASSETS.parent / program).is_file(), "the recorded command is gone"
    assert found.tables
    assert found.record.versions["lintseq-core"]


def recorded_commands(name: str) -> list[str]:
    return list(read_result(ASSETS / "results" / name / "cpu").record.device["commands"])


def test_the_adapters_are_made_by_the_recorded_commands() -> None:
    """Their stages were resumed with other devices, and one of them was run apart."""
    commands = {
        str(command)
        for device in ("auto", "cpu")
        for command in (
            *RunFolder(RECIPE, Path("shipped"), device).commands(),
            *sampling_commands(Path("assets/generations"), Path("shipped/samples"), device),
        )
    }
    assert set(recorded_commands("shipped_adapters")) <= commands


def test_the_small_models_are_made_by_the_recorded_commands(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINTSEQ_DATA", str(data_dir))
    commands = RunFolder(PROFILES["cpu"], Path("cpu")).commands()
    assert list(map(str, commands)) == recorded_commands("small_models")


@pytest.mark.parametrize("name", ADAPTERS.values())
def test_an_adapter_fits_its_base_and_is_small(name: str) -> None:
    """On random weights of the base's shape: the base itself is fetched by those who want it."""
    import torch
    from transformers import AutoModelForCausalLM

    folder = ASSETS / "adapters" / name
    assert (folder / WEIGHTS).stat().st_size < 10_000_000
    assert json.loads((folder / BASE).read_text())["base"] == adapter_base(folder)
    preset = find_preset(adapter_base(folder))
    assert preset is not None
    config = preset_config(preset, vocab_size=49_168)
    tiny = load_model("tiny")
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    before = model.get_input_embeddings().weight[49_152].clone()
    merged = merge_adapter(replace(tiny, model=model, name="a model of its shape"), folder)
    assert merged.model.num_parameters() == 134_524_224
    marker = merged.model.get_input_embeddings().weight[49_152]
    assert not torch.equal(marker, before)  # <|diff|> has a row of its own
    assert torch.isfinite(marker).all()


@pytest.mark.parametrize("path", TRACES, ids=name_of)
def test_a_trace_replays_and_says_what_the_strict_parser_says(path: Path) -> None:
    trace = read_trace(path)
    assert trace.header.model == path.parent.name
    assert trace.header.request.settings.temperature == SAMPLING.temperature
    assert len(trace.samples) == N_TRACED
    for sample in trace.samples:
        assert sample.end is not None
        assert sample.end.verdict is not None
        if trace.header.request.mode == "stepwise":
            assert sample.kept_steps[-1].state == sample.end.program
            parsed = parse_edits(DIFF_MARKER + sample.end.text, strict=False)
            assert parsed.faults == sample.end.faults
            assert apply_edits(parsed.edits) == sample.end.program
            assert all(step.verdict is not None for step in sample.kept_steps)


def test_there_are_traces_of_both_models_for_every_problem_right_and_wrong() -> None:
    tasks = [problem.task_id for problem in basics.problems()]
    by_model = Counter(path.parent.name for path in TRACES)
    assert by_model == dict.fromkeys(ADAPTERS.values(), len(tasks))
    verdicts = Counter(
        sample.end.verdict for path in TRACES for sample in read_trace(path).samples if sample.end
    )
    assert verdicts.total() == 2 * N_TRACED * len(tasks)
    assert verdicts["passed"] > 0
    assert verdicts["wrong_answer"] > 0
    size = sum(path.stat().st_size for path in (ASSETS / "generations").rglob("*.jsonl"))
    assert size < 8_000_000


@pytest.mark.parametrize("name", ADAPTERS.values())
def test_the_samples_for_pass_at_k_are_whole_and_recorded(name: str) -> None:
    path = ASSETS / "generations" / f"{name}.jsonl"
    with open_input(str(path)) as source:
        found = tally(recognise(source).samples(), name)
    assert set(found.n) == {RECIPE.n_samples}
    assert len(found.n) == len(basics.problems())
    assert found.isolation == {"L3": sum(found.n)}
    record = find_record(path)
    assert record is not None
    assert record.kind == "evaluate"

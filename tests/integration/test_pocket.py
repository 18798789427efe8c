"""Pocket models as a user meets them: trained, and then writing without torch."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lintseq_core.cli import app
from lintseq_core.generation.request import GenerationRequest, run_model
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.steps import EditStep, SampleEnd
from lintseq_core.generation.trace_reading import read_trace
from lintseq_core.models.load import load_model
from lintseq_core.models.pocket.folder import load_pocket
from tests.integration.test_training import PROGRAMS, build

INSTRUCTION = PROGRAMS[0][0]


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(scope="module")
def edits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("data"), "edits.jsonl")


@pytest.fixture(scope="module")
def trained(edits: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows its three programs by heart, edit by edit."""
    output = tmp_path_factory.mktemp("run")
    given = ["train", str(edits), "-o", str(output), "--model", "pocket", "--device", "cpu"]
    done = run(*given, "--steps", "70", "--batch-size", "6")
    assert done.stdout == f"{output / 'model'}\n", done.output
    return output / "model"


def test_a_trained_model_writes_what_it_was_taught_edit_by_edit(trained: Path) -> None:
    done = run(
        "generate", INSTRUCTION, "--model", str(trained), "--stepwise", "--temperature", "0",
        "-f", "json",
    )  # fmt: skip
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (rows[0]["backend"], rows[0]["dtype"], rows[0]["device"]) == ("numpy", "float32", "cpu")
    assert rows[0]["versions"].keys() == {"python", "lintseq-core", "numpy"}
    assert [row["kind"] for row in rows] == ["trace", *["step"] * (len(rows) - 2), "end"]
    assert len(rows) >= 3
    assert rows[-1]["program"] == PROGRAMS[0][1]
    assert rows[-1]["faults"] == []


@pytest.mark.parametrize("mode", ["stepwise", "whole"])
def test_numpy_draws_the_samples_that_torch_draws(trained: Path, mode: str) -> None:
    request = GenerationRequest(
        INSTRUCTION,
        mode,  # type: ignore[arg-type]
        settings=SamplingSettings(temperature=2.5, top_p=1.0, max_tokens=80),
        n_samples=6,
        n_retries=2 if mode == "stepwise" else None,
    )
    found = list(run_model(load_pocket("m", trained), request).events)
    expected = list(run_model(load_model(str(trained), device="cpu"), request).events)
    assert [texts(event) for event in found] == [texts(event) for event in expected]
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.log_prob == pytest.approx(theirs.log_prob, rel=1e-4, abs=1e-3)
    assert any(isinstance(event, EditStep) and event.outcome == "rejected" for event in found) == (
        mode == "stepwise"
    )


def texts(event: EditStep | SampleEnd) -> object:
    ids = tuple(token.token_id for token in event.tokens)
    return replace(event, tokens=(), seconds=None, **no_log_prob(event)), ids


def no_log_prob(event: EditStep | SampleEnd) -> dict[str, float]:
    return {"log_prob": 0.0} if isinstance(event, SampleEnd) else {}


def test_a_sample_is_the_same_alone_and_beside_others(trained: Path) -> None:
    model = load_pocket("m", trained)
    request = GenerationRequest(
        INSTRUCTION, "whole", settings=SamplingSettings(max_tokens=60), n_samples=5, seed=3
    )
    programs = [
        {
            event.sample_index: event.text
            for event in run_model(model, replace(request, batch_size=size)).events
            if isinstance(event, SampleEnd)
        }
        for size in (None, 1, 2)
    ]
    assert programs[0] == programs[1] == programs[2]


def test_a_text_ends_at_a_stop_string_and_at_the_context(trained: Path) -> None:
    model = load_pocket("m", trained)
    settings = SamplingSettings(temperature=0, max_tokens=5_000)
    request = GenerationRequest(INSTRUCTION, "whole", settings=settings, stop=("\n",))
    (end,) = run_model(model, request).events
    assert isinstance(end, SampleEnd)
    assert end.stop_reason in ("stop", "eos")
    (end,) = run_model(model, replace(request, stop=(), instruction="x = 1\n" * 190)).events
    assert isinstance(end, SampleEnd)
    assert end.stop_reason in ("context", "eos")
    with pytest.raises(
        Exception, match=r"the prompt has 2,\d+ tokens, and the context of m is 1,024"
    ):
        run_model(model, replace(request, instruction="x = 1\n" * 400))


WITHOUT_TORCH = """
import sys
for name in ("torch", "transformers", "tokenizers", "accelerate", "safetensors"):
    sys.modules[name] = None
sys.argv = ["lintseq", *sys.argv[1:]]
from lintseq_core.cli import main
main()
"""


def test_it_writes_where_torch_transformers_and_tokenizers_are_not_installed(
    trained: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "trace.jsonl"
    command = [sys.executable, "-c", WITHOUT_TORCH, "generate", INSTRUCTION, "--stepwise"]
    command += ["--model", str(trained), "-n", "2", "-o", str(trace)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(read_trace(trace).samples) == 2
    program = "import sys; from lintseq_core.generation.request import *\n"
    program += (
        "from lintseq_core.models.pocket.folder import load_pocket; from pathlib import Path\n"
    )
    program += f"model = load_pocket('m', Path({str(trained)!r}))\n"
    program += "list(run_model(model, GenerationRequest('Sum.', 'stepwise')).events)\n"
    program += "print(*{'torch', 'transformers', 'tokenizers', 'safetensors'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


def test_transformers_runs_it_where_it_is_asked_for(trained: Path) -> None:
    given = ["generate", INSTRUCTION, "--model", str(trained), "-f", "json", "--max-tokens", "20"]
    done = run(*given, "--backend", "transformers", "--device", "cpu")
    assert json.loads(done.stdout.splitlines()[0])["backend"] == "transformers"


def test_training_goes_on_where_it_stopped_with_the_same_tokenizer(
    edits: Path, tmp_path: Path
) -> None:
    given = ["train", str(edits), "--model", "pocket", "--target", "whole", "--device", "cpu"]
    given += ["--steps", "4", "--batch-size", "3", "--precision", "float64"]
    run(*given, "-o", str(tmp_path / "once"))
    run(*given, "-o", str(tmp_path / "twice"), "--max-steps", "2")
    run(*given, "-o", str(tmp_path / "twice"))
    once, twice = (
        [json.loads(line) for line in (tmp_path / name / "metrics.jsonl").open()]
        for name in ("once", "twice")
    )
    assert [row["loss"] for row in twice] == pytest.approx([row["loss"] for row in once], rel=1e-12)
    for name in ("tokenizer.json", "config.json"):
        first, second = (tmp_path / place / "model" / name for place in ("once", "twice"))
        assert first.read_bytes() == second.read_bytes()


def test_muon_on_matrices_that_are_shared_out_is_refused(
    edits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accelerate.utils import DistributedType

    from lintseq_core.training import loop

    monkeypatch.setattr(loop, "_SHARDED", (DistributedType.NO,))  # as if this process were sharded
    given = ["train", str(edits), "-o", str(tmp_path), "--model", "tiny", "--device", "cpu"]
    done = run(*given, "--optim", "muon", "--lr", "1e-3")
    assert "muon needs whole matrices, and accelerate shares them out over proc" in str(
        done.exception
    )


def test_a_learning_rate_for_one_optimizer_is_not_taken_for_another(
    edits: Path, tmp_path: Path
) -> None:
    given = ["train", str(edits), "-o", str(tmp_path / "run"), "--device", "cpu"]
    for model, optimizer, preset in (("pocket", "adamw", "muon"), ("tiny", "muon", "adamw")):
        said = run(*given, "--model", model, "--optim", optimizer).output.replace("│", " ")
        expected = f"the preset's learning rate is for {preset}: give one for {optimizer} with --lr"
        assert expected in " ".join(said.split())
    assert not (tmp_path / "run").exists()


def test_examples_are_shown_in_the_tokens_that_would_be_trained(edits: Path) -> None:
    done = run("train", str(edits), "--model", "pocket", "--show", "1")
    assert " tokens are trained on" in done.stdout


def error_of(*arguments: str) -> str:
    """The one line on standard error of a command that is refused."""
    command = [sys.executable, "-m", "lintseq_core", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (2, 3), done
    return " ".join(done.stderr.split())


def test_a_shape_that_was_not_trained_is_refused_with_the_command_that_trains_it() -> None:
    expected = (
        "lintseq: error: pocket is a shape that has not been trained: lintseq train DATA -o OUT "
        "--model pocket, then give OUT/model"
    )
    assert error_of("generate", "Sum.", "--model", "pocket") == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--backend", "numpy", "--model", "tiny"], "tiny is no pocket model, which alone numpy runs: name the folder"),
        (["--device", "cuda"], "numpy computes on the CPU: use --backend transformers"),
        (["--dtype", "float64"], "numpy computes in float32: use --backend transformers"),
        (["--revision", "main"], "a folder has only one: use --backend transformers"),
        (["-n", "600"], "600 samples at once: the memory of a full context allows 512; draw fewer at a time (--batch-size 512)"),
    ],
)  # fmt: skip
def test_what_numpy_cannot_do_is_one_line_with_the_remedy(
    trained: Path, given: list[str], message: str
) -> None:
    model = [] if "--model" in given else ["--model", str(trained)]
    found = run("generate", INSTRUCTION, *model, *given)
    said = found.output if found.exception is None else f"{found.output} {found.exception}"
    assert message in " ".join(said.replace("│", " ").split())


def test_damaged_weights_are_one_line_of_the_command(trained: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(trained, tmp_path / "model"))
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-5])
    said = error_of("generate", INSTRUCTION, "--model", str(folder))
    assert said.startswith(f"lintseq: error: {weights}: ")
    assert said.endswith(
        "has not all of its numbers: the file is cut or damaged; copy it from the training run again"
    )

"""The commands about models."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from lintseq_core.cli import app


def test_every_preset_is_listed_with_its_exact_size() -> None:
    shown = CliRunner().invoke(app, ["models", "list"]).stdout.splitlines()
    assert [line.split()[:3] for line in shown] == [
        ["name", "parameters", "from"],
        ["tiny", "90,624", "built"],
        ["tinycodelm-3m", "2,998,848", "built"],
        ["pocket", "836,736", "data"],
        ["smollm2-135m", "134,515,008", "fetch"],
        ["smollm2-135m-lintseq", "134,524,224", "shipped"],
        ["smollm2-135m-whole", "134,524,224", "shipped"],
        ["tinycodelm-150m", "151,879,680", "Hub"],
        ["tinycodelm-400m", "454,164,480", "Hub"],
        ["gemma-2-2b", "2,614,341,888", "Hub"],
        ["phi-3-mini", "3,821,079,552", "Hub"],
        ["llama-3.1-8b", "8,030,261,248", "Hub"],
        ["phi-3-medium", "13,960,238,080", "Hub"],
        ["pocket-lintseq", "836,736", "shipped"],
        ["pocket-whole", "836,736", "shipped"],
        ["pocket-anchored", "836,736", "shipped"],
        ["pocket-randseq", "836,736", "shipped"],
    ]
    rows = json.loads(CliRunner().invoke(app, ["models", "list", "--json"]).stdout)
    assert rows[6]["parameters"] == 151_879_680


def test_pre_training_makes_a_model_that_loads(tmp_path: Path) -> None:
    from lintseq_core.models.load import load_model

    text = tmp_path / "text.jsonl"
    text.write_text(json.dumps({"text": "def f(x):\n    return x\n" * 4}) + "\n")
    given = ["pretrain", f"{text}:2", "-o", str(tmp_path / "run"), "--model", "tiny"]
    given += ["--tokens", "60", "--batch-size", "2", "--max-length", "16", "--device", "cpu"]
    done = CliRunner().invoke(app, given)
    assert done.stdout == f"{tmp_path / 'run' / 'model'}\n"
    assert done.stderr.startswith("lintseq: note: 2 steps of 32 tokens\n")  # slow: progress follows
    assert load_model(str(tmp_path / "run" / "model")).model.num_parameters() == 90_624


def test_pre_training_of_a_real_shape_asks_for_a_tokenizer(tmp_path: Path) -> None:
    given = ["pretrain", "text.jsonl", "-o", str(tmp_path / "run"), "--tokens", "60"]
    found = CliRunner().invoke(app, given)
    assert "Missing option '--tokenizer'" in found.stderr


def test_pre_training_refuses_a_tokenizer_for_a_shape_that_has_one() -> None:
    given = ["pretrain", "text.jsonl", "-o", "run", "--tokens", "60", "--model", "tiny"]
    found = CliRunner().invoke(app, [*given, "--tokenizer", "allenai/OLMo-1B-hf"])
    assert "tiny has one of its own" in found.stderr


def test_without_the_extra_its_name_is_given(tmp_path: Path) -> None:
    """In a process where torch cannot be imported."""
    code = (
        "import sys; sys.modules['torch'] = None; sys.argv = ['lintseq', *sys.argv[1:]];"
        "from lintseq_core.cli import main; main()"
    )
    for command in (
        ["train", "x.jsonl", "-o", "y"],
        ["pretrain", "x.jsonl", "-o", "y", "--tokens", "9"],
        ["models", "list"],
        ["models", "fetch", "smollm2-135m"],
    ):
        done = subprocess.run(
            [sys.executable, "-c", code, *command],
            capture_output=True, text=True, check=False, cwd=tmp_path,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (
            3,
            "lintseq: error: torch is not installed: pip install 'lintseq-core[train]'\n",
        )


BARE = """
import sys
for name in ("torch", "transformers", "tokenizers", "accelerate", "safetensors", "gguf"):
    sys.modules[name] = None
from lintseq_core import LintSeqError, Program, sample_path
from lintseq_core.generation import request, stepwise, trace_reading, whole
from lintseq_core.models import devices, load, presets, tiny
from lintseq_core.training import config, pretraining, run, view

calls = [
    lambda: load.load_model("tiny"),
    lambda: load.load_model("./folder"),
    lambda: load.load_encoder("./folder"),
    lambda: load.fresh_model(presets.PRESETS[0], None),
    lambda: presets.count_parameters(presets.PRESETS[0]),
    lambda: devices.choose_device("auto"),
    lambda: tiny.tiny_tokenizer(),
    lambda: run.run_plan(None, None, "out", optimization=None, execution=None),
]
for call in calls:
    try:
        call()
    except LintSeqError as error:
        print(error)
sequence = sample_path(Program.from_text("x = 1\\nprint(x)\\n"), seed=0)
print(view.view_tokens(sequence, "Say it.").n_tokens)
print(view.view_tokens(sequence, "Say it.", load.load_encoder("tiny")).n_tokens)
"""


def test_the_library_without_the_extra_names_it_and_shows_bytes() -> None:
    done = subprocess.run([sys.executable, "-c", BARE], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    *refused, default, tiny = done.stdout.splitlines()
    assert refused == ["torch is not installed: pip install 'lintseq-core[train]'"] * 8
    assert default == tiny == "59"


def test_the_command_shows_tokens_of_the_tiny_model_without_the_extra(tmp_path: Path) -> None:
    from tests.integration.test_training import build

    data = build(tmp_path, "edits.jsonl")
    code = (
        "import sys; sys.modules['torch'] = None; sys.modules['tokenizers'] = None;"
        "sys.argv = ['lintseq', 'train', *sys.argv[1:]];"
        "from lintseq_core.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(data), "--show", "2"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count(" tokens are trained on\n") == 2

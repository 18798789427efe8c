"""Training in processes of its own: two at once, sharded, killed."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import lintseq_core.training
from lintseq_core.training.config import DataChoice
from lintseq_core.training.loop import METRICS
from lintseq_core.training.metrics_log import read_metrics
from tests.integration.test_training import COMMAND, EXACT, QUIET, build, losses, run


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """As in the other tests of training."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def edits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2 sequences of each of 3 programs."""
    return build(tmp_path_factory.mktemp("data"), "edits.jsonl")


def in_two_processes(*command: str, environment: dict[str, str] = QUIET) -> None:
    """As torchrun starts it, with names that need no look-up of the host."""
    torchrun = ["-m", "torch.distributed.run", "--nproc-per-node", "2"]
    torchrun += ["--rdzv-backend", "c10d", "--rdzv-endpoint", "127.0.0.1:0"]
    torchrun += ["--local-addr", "127.0.0.1"]
    done = subprocess.run(
        [sys.executable, *torchrun, *command],
        env=environment, capture_output=True, text=True, check=False, timeout=250,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_two_processes_have_the_losses_of_one(edits: Path, tmp_path: Path) -> None:
    in_two_processes(
        "-m", "lintseq_core", "train", str(edits), *COMMAND, "-o", str(tmp_path / "two")
    )
    one, _ = run(edits, tmp_path / "one")
    two = read_metrics(tmp_path / "two" / METRICS)
    assert len(one) == 8
    assert losses(two) == pytest.approx(losses(one), abs=1e-5)
    assert [step.tokens for step in two] == [step.tokens for step in one]


# accelerate shards on GPUs only. The class is told otherwise here; all else is as it would be there.
SHARDED = """
import sys
import torch
from accelerate import Accelerator
from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin
from torch.distributed.tensor import DTensor
from lintseq_core.cli import main
from lintseq_core.training import loop

class ShardingAccelerator(Accelerator):
    is_fsdp2 = True  # the state of the class forgets it, on a CPU, once it has prepared a model

    def __init__(self, **options):
        super().__init__(**options)
        self.state.distributed_type = DistributedType.FSDP
        self.state.fsdp_plugin = FullyShardedDataParallelPlugin()

    def prepare(self, *things):
        model, optimizer = super().prepare(*things)
        assert all(isinstance(weight, DTensor) for weight in model.parameters())
        assert type(model).__name__ == "FSDPLlamaForCausalLM", type(model)
        return model, optimizer

def backward(self, batch):
    # After every pass, the last one or not, a process has its share of gradients and of weights.
    counts = whole(self, batch)
    for module in self.model.modules():
        group = getattr(module, "_get_fsdp_state", lambda: None)()
        for one in group._fsdp_param_group.fsdp_params if group and group._fsdp_param_group else ():
            assert one.unsharded_accumulated_grad is None
    assert all(isinstance(weight.grad, DTensor) for weight in self.model.parameters())
    assert torch.is_autocast_enabled("cpu") is False
    return counts

whole, loop._Run._backward = loop._Run._backward, backward
loop.Accelerator = ShardingAccelerator
main()
"""


def fsdp_environment() -> dict[str, str]:
    """What `accelerate launch` makes of the configuration that ships."""
    from accelerate.commands.launch import _validate_launch_command, launch_command_parser
    from accelerate.utils.launch import prepare_multi_gpu_env

    config = Path(lintseq_core.training.__file__).with_name("fsdp.yaml")
    given = ["--config_file", str(config), "--num_processes", "2", "-m", "lintseq_core"]
    arguments, _, _ = _validate_launch_command(launch_command_parser().parse_args(given))
    made: dict[str, str] = prepare_multi_gpu_env(arguments)
    return QUIET | {name: value for name, value in made.items() if name.startswith("FSDP_")}


def test_sharded_weights_have_the_losses_of_whole_ones_and_resume_in_one_process(
    edits: Path, tmp_path: Path
) -> None:
    environment = fsdp_environment()
    assert environment["FSDP_VERSION"] == "2"
    script = tmp_path / "sharded.py"
    script.write_text(SHARDED)
    output = tmp_path / "two"
    command = ["train", str(edits), *COMMAND, "--max-steps", "5", "-o", str(output)]
    command += ["--held-out", str(edits), "--padding"]  # two passes a step in each process
    in_two_processes(str(script), *command, environment=environment)
    assert len(read_metrics(output / METRICS)) == 5
    choice = DataChoice(epochs=4, held_out=str(edits))
    resumed, outcome = run(edits, output, choice=choice)
    assert outcome.resumed_from == 5
    one, _ = run(edits, tmp_path / "one", choice=choice)
    held_out = [[step.held_out_loss for step in (steps[2], steps[4])] for steps in (resumed, one)]
    assert held_out[0][0] == pytest.approx(held_out[1][0], abs=1e-5)
    assert held_out[0][1] is not None and held_out[1][1] is None  # the end of its command
    assert losses(resumed) == pytest.approx(losses(one), abs=1e-5)
    norms = [[step.grad_norm for step in steps] for steps in (resumed, one)]
    assert norms[0] == pytest.approx(norms[1], rel=1e-9)


@pytest.mark.full
def test_sharded_passes_in_bfloat16_learn_as_float32_does(edits: Path, tmp_path: Path) -> None:
    """By the policy of FSDP, with activations computed again."""
    script = tmp_path / "sharded.py"
    script.write_text(SHARDED)
    given = ["train", str(edits), *COMMAND, "--max-steps", "4", "--gradient-checkpointing"]
    given += ["--precision", "bf16", "-o", str(tmp_path / "two")]
    in_two_processes(str(script), *given, environment=fsdp_environment())
    found = read_metrics(tmp_path / "two" / METRICS)
    one, _ = run(edits, tmp_path / "one", optimization=dataclasses.replace(EXACT, max_steps=4))
    assert losses(found) == pytest.approx(losses(one), rel=0.02)
    assert losses(found) != pytest.approx(losses(one), rel=1e-5)


KILLED = """
import os, signal, sys
from pathlib import Path
from lintseq_core.models.load import load_model
from lintseq_core.training.config import DataChoice, Execution, Optimization
from lintseq_core.training.run import plan_fine_tuning, run_plan

values = Optimization(learning_rate=5e-3, batch_size=4, precision="float64", seed=1)
here = Execution(micro_batch=2, device="cpu", save_every=3)
loaded = load_model("tiny", dtype="float64")
plan = plan_fine_tuning([Path(sys.argv[1])], loaded, data=DataChoice(epochs=4),
                        optimization=values, execution=here)
run_plan(plan, loaded, Path(sys.argv[2]), optimization=values, execution=here,
         on_step=lambda done: done.step == 5 and os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_killed_run_goes_on_from_its_last_checkpoint(edits: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    command = [sys.executable, "-c", KILLED, str(edits), str(output)]
    done = subprocess.run(command, env=QUIET, capture_output=True, check=False, timeout=200)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert [step.step for step in read_metrics(output / METRICS)] == [1, 2, 3, 4, 5]
    with (output / METRICS).open("a") as file:
        file.write('{"step": 6, "tot')  # as a kill in the middle of a line leaves it
    expected, _ = run(edits, tmp_path / "whole")
    metrics, outcome = run(edits, output)
    assert outcome.resumed_from == 3
    assert [step.step for step in metrics] == list(range(1, 9))
    assert losses(metrics) == pytest.approx(losses(expected), abs=1e-6)

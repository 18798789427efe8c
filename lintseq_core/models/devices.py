"""The device that a name means on this machine, and which process speaks for all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from lintseq_core.models.errors import ModelError
from lintseq_core.models.extra import require_extra


def choose_device(asked: str) -> str:
    """ "cpu", "cuda" or "cuda:N", as `asked`; "auto" is CUDA where there is one.

    ModelError if this machine has no such device, or if models do not run on its kind: sampling and
    the sums of a training step need double precision, which Apple's GPUs (mps) do not have.
    """
    require_extra("torch")
    import torch

    if asked == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(asked)
    except RuntimeError:
        raise ModelError(f"device {asked!r}: not known; use auto, cpu, cuda or cuda:1") from None
    if device.type == "cpu":
        return "cpu"
    if device.type != "cuda":
        raise ModelError(
            f"device {asked!r}: models do not run on {device.type} here; use auto, cpu, cuda "
            "or cuda:1"
        )
    if not torch.cuda.is_available():
        raise ModelError(f"device {asked!r}: this machine has no CUDA; use 'cpu' or 'auto'")
    count = torch.cuda.device_count()
    if ":" in asked and device.index >= count:
        last = f"cuda:{count - 1}"
        raise ModelError(f"device {asked!r}: this machine has no such GPU; its last is {last!r}")
    return str(device)


def is_main_process() -> bool:
    """False in all processes that torchrun or accelerate started but the first."""
    return os.environ.get("RANK", "0") == "0"


def n_processes() -> int:
    """How many processes torchrun or accelerate started; 1 without them."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_sharded() -> bool:
    """Whether `accelerate launch` was told to share weights out over processes (FSDP 2)."""
    told = os.environ.get("ACCELERATE_USE_FSDP", "false").lower() in ("1", "true", "yes")
    return told and os.environ.get("FSDP_VERSION", "1") == "2"


@contextmanager
def one_thread() -> Iterator[None]:
    """Inside, torch computes on one thread of the CPU.

    The tiny model's matrices are so small that more threads wait for each other: on two busy cores
    that took seven times as long.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)

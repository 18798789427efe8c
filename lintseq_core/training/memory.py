"""The memory that a training step needs on each device, told before the weights are read.

Weights, gradients and optimizer are counted: 16 bytes a parameter with AdamW in float32, shared
out where there is FSDP. What a pass adds (activations, logits, gradients on their way) is not
worked out from formulas of one kind of model: the model's own code runs once on tensors that have
shapes and no numbers, through the loss of a real step, and the bytes of all tensors that are alive
at once are added up.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from lintseq_core.models.adapters import adapter_on
from lintseq_core.models.devices import is_sharded, n_processes
from lintseq_core.models.extra import import_transformers
from lintseq_core.models.presets import find_preset
from lintseq_core.training.config import Execution, Optimization
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.losses import loss_sum
from lintseq_core.training.optimizer import make_optimizer
from lintseq_core.training.packing import MicroBatch, PassSize

if TYPE_CHECKING:
    from torch import Tensor

    from lintseq_core.models.loaded import ModelOutline

GB = 1e9
CUDA_CONTEXT = 2 * GB
"""Left for CUDA's own context, NCCL and pieces between blocks; an assumption."""
TOLERANCE = 0.15
"""How far an estimate may be off: a run is refused only when it is over by more."""


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Bytes on each device at the fullest moment of a step."""

    weights: float
    gradients: float
    optimizer: float
    activations: float
    """Kept for the backward pass or on their way through it, without logits."""
    logits: float
    """Of all tokens of a pass over the whole vocabulary, with their gradient."""
    gathered: float
    """Whole layers that FSDP puts together from shares; 0 without it."""

    @property
    def total(self) -> float:
        """Of all that stands above."""
        return float(sum(asdict(self).values()))

    def parts(self) -> str:
        """Each part with its size, the empty ones left out."""
        named = {"optimizer": "optimizer state", "gathered": "layers gathered"}
        return ", ".join(
            f"{named.get(name, name)} {size_text(size)}"
            for name, size in asdict(self).items()
            if size
        )


def size_text(size: float) -> str:
    """`size` bytes as people say it.

    >>> size_text(12_345_678), size_text(71.6e9)
    ('12.3 MB', '71.6 GB')
    """
    return f"{size / GB:.1f} GB" if size >= GB / 10 else f"{size / 1e6:.1f} MB"


def estimate_memory(
    config: Any,
    size: PassSize,
    *,
    optimization: Optimization,
    execution: Execution,
    n_shards: int | None = None,
) -> MemoryEstimate:
    """What a step takes on each device; no weights are read or made.

    `config`: of the model, as transformers has it. `n_shards`: the processes that FSDP 2 shares
    the weights out over; None: each has all. Takes seconds for a large model. What a process takes
    before it has a model (torch, CUDA's context) is not in it.
    """
    is_bf16 = optimization.precision == "bf16"
    is_adapter = optimization.lora_rank is not None
    master = torch.float64 if optimization.precision == "float64" else torch.float32
    # FSDP computes with weights of 16 bits, and frozen ones have no more.
    dtype = torch.bfloat16 if is_bf16 and (n_shards or is_adapter) else master
    transformers = import_transformers()
    with torch.device("meta"):
        model = transformers.AutoModelForCausalLM.from_config(config, dtype=dtype).train()
        if optimization.lora_rank is not None:
            # With the row of a marker that is new to the model.
            model = adapter_on(model, rank=optimization.lora_rank, trained_rows=[0])
    with FakeTensorMode():
        _place_on_cpu(model)
        resident = _resident(model, optimization, master.itemsize)
        shared = n_shards or 1
        sizes = {name: size / shared for name, size in resident.items()}
        gathered = _gathered(model, is_bf16=is_bf16) if n_shards else 0.0
        if execution.gradient_checkpointing:
            recompute_activations(model, type(model).__name__)
        passed, logits = _peak_of_a_pass(model, size, autocast=is_bf16 and not n_shards)
    # AdamW's numbers on their way, of one parameter after the other.
    largest = master.itemsize * max(p.numel() for p in model.parameters() if p.requires_grad)
    activations = max(passed, 2 * largest / shared) - logits
    return MemoryEstimate(**sizes, activations=activations, logits=logits, gathered=gathered)


def estimate_lines(
    name: str, config: Any, size: PassSize, optimization: Optimization, execution: Execution
) -> str:
    """The estimate in lines of text: for this command, and shared out over GPUs by FSDP."""
    here = _estimate_here(config, size, optimization, execution)
    free = free_memory(execution.device)
    room = "" if free is None else f", where {size_text(free)} are free"
    again = ", activations computed again" if execution.gradient_checkpointing else ""
    over = {
        n: estimate_memory(config, size, optimization=optimization, execution=execution, n_shards=n)
        for n in (2, 4, 8)
    }
    shared = ", ".join(f"{size_text(one.total)} on each of {n}" for n, one in over.items())
    return (
        f"{name}, {optimization.precision}, passes of {size.rows} rows of {size.width:,} "
        f"tokens{again}\n"
        f"memory of a step: {size_text(here.total)} on {execution.device}{room}\n"
        f"  {here.parts()}\n"
        f"  shared out over GPUs with FSDP: {shared}"
    )


def _estimate_here(
    config: Any, size: PassSize, optimization: Optimization, execution: Execution
) -> MemoryEstimate:
    return estimate_memory(
        config,
        size,
        optimization=optimization,
        execution=execution,
        n_shards=n_processes() if is_sharded() else None,
    )


def recompute_activations(model: Any, name: str) -> None:
    """Have `model` compute the activations of each layer again in the backward pass.

    TrainingError, which calls it `name`, if its class cannot.
    """
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    # transformers renamed it, and warns of the older name.
    enable = getattr(base, "activation_checkpointing_enable", None)
    try:
        if enable is not None:
            enable(activation_checkpointing_kwargs={"use_reentrant": False})
        else:
            base.gradient_checkpointing_enable(
                gradient_checkpointing_kwargs={"use_reentrant": False}
            )
    except ValueError:
        raise TrainingError(
            f"{name}: its class {type(base).__name__} cannot compute activations again; train "
            "without --gradient-checkpointing"
        ) from None


def free_memory(device: str) -> float | None:
    """Bytes that a process may still take on `device`; None where this system does not tell."""
    if device.startswith("cuda"):
        if not torch.cuda.is_available():  # a plan for another machine
            return None
        free, _ = torch.cuda.mem_get_info(torch.device(device))
        return float(free)
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    told = dict(line.split(":", 1) for line in lines)
    available = told.get("MemAvailable")
    # Processes on a CPU share what there is.
    return None if available is None else float(available.split()[0]) * 1024 / n_processes()


def require_room(
    outline: ModelOutline, size: PassSize, optimization: Optimization, execution: Execution
) -> None:
    """Return if a step fits into the memory that is free; TrainingError says what needs how much.

    Shapes that are built in, or get their tokenizer from the data, take a few MB and are let pass.
    """
    preset = find_preset(outline.name)
    if preset is not None and preset.origin in ("built in", "data"):
        return
    device = execution.device
    free = free_memory(device)
    if free is None:
        return
    estimate = _estimate_here(outline.config, size, optimization, execution)
    if estimate.total <= free * (1 + TOLERANCE):
        return
    raise TrainingError(
        f"{outline.name} does not fit: a step of {size.rows} rows of {size.width:,} tokens needs "
        f"about {size_text(estimate.total)} on {device} ({estimate.parts()}), and "
        f"{size_text(free)} are free there; lower --micro-batch, or use "
        "--gradient-checkpointing, --lora RANK, a smaller model, or several GPUs with FSDP "
        "(docs/training.md)"
    )


def _place_on_cpu(model: Any) -> None:
    """Replace what is on no device by tensors that say they are on the CPU, tied ones by one.

    There, unlike on no device, operations and autocast choose as in a real pass.
    """
    placed: dict[int, Any] = {}

    def there(tensor: Tensor) -> Any:
        if id(tensor) not in placed:
            new = torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu")
            is_parameter = isinstance(tensor, torch.nn.Parameter)
            placed[id(tensor)] = (
                torch.nn.Parameter(new, requires_grad=tensor.requires_grad) if is_parameter else new
            )
        return placed[id(tensor)]

    for module in model.modules():
        for held in (module._parameters, module._buffers):
            held.update({name: there(one) for name, one in held.items() if one is not None})


def _resident(model: Any, optimization: Optimization, master: int) -> dict[str, float]:
    """Bytes of weights, gradients and optimizer of a whole model; `master` of a trained number."""
    trained = [p for p in model.parameters() if p.requires_grad]
    frozen = sum(p.numel() * p.element_size() for p in model.parameters() if not p.requires_grad)
    size = float(master * sum(p.numel() for p in trained))
    momenta = 2 * size
    if optimization.optimizer == "muon":
        groups = make_optimizer(
            model, learning_rate=1.0, weight_decay=0.0, kind="muon"
        ).param_groups
        hidden = [p for group in groups if group["is_hidden"] for p in group["params"]]
        momenta -= master * sum(p.numel() for p in hidden)
    return {"weights": size + frozen, "gradients": size, "optimizer": momenta}


def _gathered(model: Any, *, is_bf16: bool) -> float:
    """What is whole on each GPU for a while: the output layer, the layer at work and the next one.

    And in float32 the gradients of the larger of them, before they are shared out.
    """
    head = model.get_output_embeddings().weight.numel()
    layers = max(
        (one for one in model.modules() if isinstance(one, torch.nn.ModuleList)),
        key=lambda one: sum(p.numel() for p in one.parameters()),
    )
    layer = max(sum(p.numel() for p in one.parameters()) for one in layers)
    gathered = head + min(2, len(layers)) * layer
    return float(gathered * (2 if is_bf16 else 4) + 4 * max(head, layer))


def _peak_of_a_pass(model: Any, size: PassSize, *, autocast: bool) -> tuple[float, float]:
    """Bytes alive at once beside weights and gradients, and those of them that are logits."""
    shape = (size.rows, size.width)
    ids = torch.zeros(shape, dtype=torch.long)
    places = torch.arange(size.width).expand(shape)
    batch = MicroBatch(ids, ids.clone(), places, size.rows * size.width)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.grad = torch.empty_like(parameter)
    standing = [*model.parameters(), *model.buffers()]
    standing += [p.grad for p in model.parameters() if p.grad is not None]
    vocabulary = model.get_output_embeddings().weight.shape[0]
    logit_count = size.rows * size.width * vocabulary
    alive = _Alive(standing, is_logits=lambda one: one.numel() == logit_count)
    with alive:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            loss = loss_sum(model, batch)
        loss.backward()  # type: ignore[no-untyped-call]
    return alive.peak, alive.logits_at_peak


class _Alive(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up the bytes of all tensors that operations make, for as long as they are alive."""

    def __init__(self, standing: list[Tensor], *, is_logits: Callable[[Tensor], bool]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.peak = 0.0
        self.logits_at_peak = 0.0
        self._now = 0.0
        self._logits = 0.0
        self._is_logits = is_logits
        self._known = {one.untyped_storage()._cdata for one in standing}

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        made = function(*args, **(kwargs or {}))
        for one in tree_leaves(made):
            if isinstance(one, torch.Tensor):
                self._note(one)
        return made

    def _note(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self._known:
            return
        size = float(storage.nbytes())
        logits = size if self._is_logits(tensor) else 0.0
        self._known.add(key)
        weakref.finalize(storage, self._gone, key, size, logits)
        self._now += size
        self._logits += logits
        if self._now > self.peak:
            self.peak, self.logits_at_peak = self._now, self._logits

    def _gone(self, key: int, size: float, logits: float) -> None:
        self._known.discard(key)
        self._now -= size
        self._logits -= logits

"""What the estimate of memory says, beside what training processes on this processor took.

    python perf/measure.py memory

Each row is a process of its own that takes two steps of two passes. Idle, it has imported all that
training needs and trained the tiny model; its peak above that, up to the end of its second step, is
what the estimate is of. Linux only: the peak is the system's own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tables import Table

from lintseq_core.models.load import fresh_model
from lintseq_core.models.presets import Preset, find_preset, preset_config
from lintseq_core.models.tiny import load_tiny
from lintseq_core.training.config import Execution, Optimization
from lintseq_core.training.encode import Encoded
from lintseq_core.training.feed import ShuffledFeed
from lintseq_core.training.loop import train
from lintseq_core.training.memory import TOLERANCE, estimate_memory
from lintseq_core.training.packing import PassSize

STEPS = PASSES_A_STEP = 2


@dataclass(frozen=True, slots=True)
class Setting:
    """A Llama of random weights, and the rows of tokens of a pass."""

    vocabulary: int
    hidden: int
    layers: int
    rows: int
    width: int
    gradient_checkpointing: bool = False

    def preset(self) -> Preset:
        """The shape, as a model with a name."""
        config = {
            "model_type": "llama", "vocab_size": self.vocabulary, "hidden_size": self.hidden,
            "intermediate_size": 4 * self.hidden, "num_hidden_layers": self.layers,
            "num_attention_heads": self.hidden // 64, "num_key_value_heads": self.hidden // 64,
            "max_position_embeddings": 1_024, "tie_word_embeddings": True,
        }  # fmt: skip
        return Preset("random", "Hub", "", config, "")

    def execution(self) -> Execution:
        """One pass over all rows, unpacked."""
        return Execution(
            micro_batch=self.rows,
            packing=False,
            device="cpu",
            gradient_checkpointing=self.gradient_checkpointing,
            save_every=10**6,
        )

    def optimization(self) -> Optimization:
        """AdamW in float32."""
        return Optimization(
            1e-4,
            batch_size=self.rows * PASSES_A_STEP,
            max_length=self.width,
            precision="float32",
            max_steps=STEPS,
        )


SHAPES = ((50_304, 384, 8, 4, 256), (50_304, 768, 9, 2, 256), (256_000, 128, 8, 2, 128),
          (256_000, 384, 12, 2, 128))  # fmt: skip
"""Of 34 to 130 million parameters: vocabulary, width, layers; rows and tokens of a pass."""
SETTINGS = tuple(Setting(*shape, again) for shape in SHAPES for again in (False, True))


def measure(_: Path) -> Table:
    """Every setting, in a process of its own."""
    columns = ["vocabulary", "parameters", "pass", "checkpointing", "estimated GB", "measured GB",
               "off by"]  # fmt: skip
    table = Table("Memory of training, estimated and measured", columns)
    worst = 0.0
    for setting in SETTINGS:
        estimated, measured, parameters = estimate(setting), measured_bytes(setting), count(setting)
        off = estimated / measured - 1
        worst = max(worst, abs(off))
        table.add(
            f"{setting.vocabulary:,}", f"{parameters / 1e6:.0f} M",
            f"{setting.rows} x {setting.width}", "yes" if setting.gradient_checkpointing else "no",
            f"{estimated / 1e9:.2f}", f"{measured / 1e9:.2f}", f"{off:+.1%}",
        )  # fmt: skip
    table.judge("largest difference, %", 100 * worst, f"at most {TOLERANCE:.0%}",
                holds=worst <= TOLERANCE)  # fmt: skip
    table.notes.append(
        "Float32, AdamW, one thread; measured: peak of a process up to the end of its second step, "
        "above what it took idle."
    )
    return table


def estimate(setting: Setting) -> float:
    """Bytes, as `lintseq train` tells them."""
    return estimate_memory(
        preset_config(setting.preset()),
        PassSize(setting.rows, setting.width),
        optimization=setting.optimization(),
        execution=setting.execution(),
    ).total


def count(setting: Setting) -> int:
    """Parameters of the setting's model."""
    from lintseq_core.models.presets import count_parameters

    return count_parameters(setting.preset())


def measured_bytes(setting: Setting) -> int:
    """The peak of a training process above the same process idle."""
    # Blocks of over 64 KiB go back to the system once they are free.
    environment = os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, __file__, json.dumps(asdict(setting))],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return int(done.stdout)


def _train(preset: Preset, setting: Setting, folder: Path, on_step: Any) -> None:
    _, tokenizer = load_tiny(0, "float32")
    loaded = fresh_model(preset, None if preset.origin == "built in" else tokenizer)
    draw = np.random.default_rng(0)
    ids = draw.integers(3, 250, (setting.rows * PASSES_A_STEP, setting.width), dtype=np.int32)
    feed = ShuffledFeed(
        [Encoded(row, 1) for row in ids],
        batch_size=setting.rows * PASSES_A_STEP,
        epochs=STEPS,
        seed=0,
    )
    train(
        loaded,
        feed,
        folder,
        optimization=setting.optimization(),
        execution=setting.execution(),
        settings={},
        on_step=on_step,
    )


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


def _child(setting: Setting) -> None:
    import gc
    import tempfile

    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        tiny = find_preset("tiny")
        assert tiny is not None
        _train(tiny, setting, Path(name) / "idle", lambda _: None)
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is now
        idle = _status("VmRSS")

        def told(metrics: Any) -> None:
            if metrics.step == STEPS:
                print(_status("VmHWM") - idle, flush=True)
                os._exit(0)  # before the weights are written, which is no part of a step

        _train(setting.preset(), setting, Path(name) / "run", told)


if __name__ == "__main__":
    _child(Setting(**json.loads(sys.argv[1])))

"""Reporting to a tracker beside metrics.jsonl."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintseq_core.training.config import Execution
from lintseq_core.training.errors import TrainingError

if TYPE_CHECKING:
    from accelerate import Accelerator

    from lintseq_core.training.metrics_log import StepMetrics

PROJECT = "lintseq"


def check_tracker(name: str) -> None:
    """Return if the tracker called `name` is installed; TrainingError says how to get it."""
    if name != "none" and importlib.util.find_spec(name) is None:
        raise TrainingError(f"tracker {name!r} is not installed: pip install {name}, or use 'none'")


@contextlib.contextmanager
def start_tracker(
    accelerator: Accelerator, execution: Execution, settings: dict[str, Any], output: Path
) -> Iterator[Callable[[StepMetrics], None]]:
    """A function that reports one step; it does nothing without a tracker."""
    if execution.tracker == "none":
        yield lambda _: None
        return
    from accelerate.tracking import filter_trackers

    check_tracker(execution.tracker)
    accelerator.project_configuration.logging_dir = str(output)  # tensorboard writes there
    accelerator.log_with = filter_trackers([execution.tracker], output)
    simple = {key: value for key, value in settings.items() if value is not None}
    accelerator.init_trackers(PROJECT, config=simple)
    try:
        yield lambda metrics: accelerator.log(metrics.record(), step=metrics.step)
    finally:
        accelerator.end_training()

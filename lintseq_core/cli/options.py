"""What several commands can be told, each option written once; and options that come as one value.

A command that takes many options takes them in groups: frozen dataclasses whose fields are options,
made out of the command line by `grouped`. A group answers for its options from there on.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from copy import copy
from dataclasses import MISSING, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, get_type_hints

import typer

LinterName = Literal["pyflakes", "pylint", "ruff", "syntax", "none"]
EditFormatName = Literal["unified", "placed", "anchored", "search_replace"]
Style = Literal["completion", "instruction", "markdown", "diff"]

FileArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="A Python file, or - for standard input.")
]
DatasetArgument = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="A data set, .jsonl, .jsonl.gz or .parquet, any layout."),
]
DefinitionOption = Annotated[
    str | None,
    typer.Option(
        "--def", metavar="NAME", help="Only this function or class, as in 'parse' or 'Tree.add'."
    ),
]
LinterOption = Annotated[
    LinterName, typer.Option("--linter", help="What decides which lines go together.")
]
UniformOption = Annotated[
    bool, typer.Option("--uniform", help="Draw all lines alike, not deeper ones more often.")
]
EditFormatOption = Annotated[
    EditFormatName, typer.Option(help="How edits are written; unified is the paper's.")
]
RowCountOption = Annotated[int, typer.Option("--count", "-n", min=1, help="How many rows.")]
RowSeedOption = Annotated[int, typer.Option(help="Same seed, same rows.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object.")]

# of samples and results
TestsOption = Annotated[
    Literal["all", "base", "plus"],
    typer.Option(
        "--tests",
        help="Of EvalPlus: base tests alone, or base and plus tests. Default: all there are.",
    ),
]
ScorerOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Of several in a log of Inspect. Default: the first."),
]
TemperatureOption = Annotated[
    float | None,
    typer.Option(min=0, help="Only the samples whose rows name this temperature."),
]
StyleOption = Annotated[
    Style | None,
    typer.Option(help="What the model was asked to write. Default: told from the samples."),
]

SamplesArgument = Annotated[
    str, typer.Argument(metavar="SAMPLES", help="Samples of lintseq or another tool, or -.")
]

# of problems of a benchmark
BenchmarkOption = Annotated[
    str, typer.Option("--benchmark", "-b", help="humaneval, humanevalplus, mbpp, mbppplus, ...")
]
BenchmarkDataOption = Annotated[
    Path | None, typer.Option(help="The benchmark's file; default: package or Hub.")
]
WorkersOption = Annotated[
    int | None, typer.Option(min=1, help="Boxes at a time; default: two a core.")
]
TasksOption = Annotated[
    int | None,
    typer.Option(
        "--tasks",
        metavar="N",
        min=1,
        help="Only N problems, spread evenly over all.",
        show_default="all",
    ),
]

# of models and training
RevisionOption = Annotated[str | None, typer.Option(help="Commit, tag or branch on the Hub.")]
TrustOption = Annotated[
    bool, typer.Option("--trust-remote-code", help="Run code that comes with it.")
]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, ...")]
PrecisionOption = Annotated[
    Literal["bf16", "float32", "float64"] | None,
    typer.Option(help="Of a pass through the model.", show_default="bf16; float32 on a CPU"),
]
ScheduleOption = Annotated[
    Literal["linear", "cosine", "constant", "warmup-stable-decay"] | None,
    typer.Option(help="Of the learning rate after its warm-up.", show_default="linear"),
]
WarmupStepsOption = Annotated[
    int | None,
    typer.Option(min=0, help="From rate 0 to the peak.", show_default="of the preset"),
]
LeastRateOption = Annotated[
    float | None,
    typer.Option(
        "--least-lr", min=0, help="Where the schedule ends.", show_default="of the preset"
    ),
]
WeightDecayOption = Annotated[
    float | None,
    typer.Option(min=0, help="Of matrices, in each step.", show_default="0.01"),
]
ClipOption = Annotated[
    float | None,
    typer.Option(
        "--clip-norm",
        min=0,
        metavar="NORM",
        help="Scale gradients of a larger norm down to it: of the mean loss of a token.",
        show_default="no clipping",
    ),
]
RecomputeOption = Annotated[
    bool,
    typer.Option(
        "--gradient-checkpointing",
        help="Compute activations twice rather than keep them: less memory, a third slower.",
    ),
]
KeepOption = Annotated[
    int | None,
    typer.Option(min=1, help="Only the newest N checkpoints.", metavar="N", show_default="all"),
]


class OptionGroup:
    """Options that a command takes as one value: a frozen dataclass, one field an option."""

    panel: ClassVar[str | None] = None
    """The heading they stand under in --help; None: with those of no group."""


def given(**values: Any) -> dict[str, Any]:
    """Those of `values` that somebody named; for the others, None, a default holds elsewhere."""
    return {name: value for name, value in values.items() if value is not None}


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """`command` as typer wants it: each parameter that is an `OptionGroup` as its fields."""
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {}
    options: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if isinstance(hints[name], type) and issubclass(hints[name], OptionGroup):
            groups[name] = hints[name]
            options += _options(hints[name])
        else:
            kind = inspect.Parameter.KEYWORD_ONLY
            options.append(parameter.replace(kind=kind, annotation=hints[name]))

    @wraps(command)
    def ungrouped(**chosen: Any) -> None:
        made = {
            name: group(**{field.name: chosen.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        command(**chosen, **made)

    ungrouped.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    ungrouped.__annotations__ = {option.name: option.annotation for option in options}
    return ungrouped


def _options(group: Any) -> list[inspect.Parameter]:
    """The fields of `group` as parameters, each under its heading."""
    hints = get_type_hints(group, include_extras=True)
    annotated: Any = Annotated  # which mypy wants to see with a type, not with a value
    options = []
    for field in fields(group):
        (option,) = hints[field.name].__metadata__
        option = copy(option)  # shared with other commands, which have other headings
        option.rich_help_panel = group.panel
        options.append(
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if field.default is MISSING else field.default,
                annotation=annotated[hints[field.name].__origin__, option],
            )
        )
    return options

"""Arguments that several commands of the group take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DatasetArgument = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="A data set, .jsonl, .jsonl.gz or .parquet, any layout."),
]

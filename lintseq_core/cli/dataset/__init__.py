"""`lintseq dataset`: build data sets of edit sequences, and look at them."""

from __future__ import annotations

import typer

from lintseq_core.cli.dataset.build import build
from lintseq_core.cli.dataset.diff import diff
from lintseq_core.cli.dataset.mine import mine
from lintseq_core.cli.dataset.sample import sample
from lintseq_core.cli.dataset.stats import stats
from lintseq_core.cli.dataset.verify import verify
from lintseq_core.cli.shell import help_of

dataset_app = typer.Typer(
    help="Build data sets of edit sequences from instruction data; measure, check, compare them.",
    no_args_is_help=True,
)
for command in (mine, build, stats, verify, sample, diff):
    dataset_app.command(help=help_of(command))(command)

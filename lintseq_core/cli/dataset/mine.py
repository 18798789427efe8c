"""`lintseq dataset mine`: instruction data from real code."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lintseq_core.cli.options import OptionGroup, grouped
from lintseq_core.cli.shell import Progress, note

if TYPE_CHECKING:  # typer looks only into the annotations of `mine`
    from lintseq_core.data.mining.mined_set import MiningCounts
    from lintseq_core.data.mining.packages import SourceFile
    from lintseq_core.data.mining.self_contained import MiningConfig

_MOST_PACKAGES = 20


@dataclass(frozen=True, slots=True)
class _Standards(OptionGroup):
    """What a definition must be to be mined."""

    min_lines: Annotated[int, typer.Option(min=1, help="Least lines of a program.")] = 3
    max_lines: Annotated[int, typer.Option(min=1, help="Most lines of a program.")] = 150
    helpers: Annotated[
        bool,
        typer.Option(
            help="Let a definition bring short helpers of its module along; else it is left out."
        ),
    ] = True
    keep_docstring: Annotated[
        bool,
        typer.Option("--keep-docstring", help="Leave the docstring in the program as well."),
    ] = False
    also_import: Annotated[
        list[str] | None,
        typer.Option(metavar="MODULE", help="A module that programs may import, as in 'numpy'."),
    ] = None

    def config(self) -> MiningConfig:
        """The same for the miner, with the modules that programs may import by default."""
        from lintseq_core.data.mining.self_contained import MiningConfig

        if self.min_lines > self.max_lines:
            raise typer.BadParameter(
                f"--min-lines {self.min_lines} is above --max-lines {self.max_lines}"
            )
        return MiningConfig(
            self.min_lines,
            self.max_lines,
            helpers=self.helpers,
            keep_docstring=self.keep_docstring,
            modules=MiningConfig().modules | frozenset(self.also_import or ()),
        )


@grouped
def mine(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="PACKAGE_OR_PATH...",
            help="An installed package, a folder of code or wheels, a .py file, a wheel (.whl), an "
            "sdist (.tar.gz), or 'stdlib'.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The JSONL file to write; a report beside it.")
    ],
    licence: Annotated[
        list[str] | None,
        typer.Option(
            "--licence",
            metavar="SPDX",
            help="Mine only these; repeat it. Default: permissive ones.",
        ),
    ] = None,
    any_licence: Annotated[
        bool, typer.Option("--any-licence", help="Whatever the licence, or none is known.")
    ] = False,
    *,
    standards: _Standards,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
) -> None:
    """Mine documented functions and classes of real code that stand alone.

    Nothing is imported or executed. Each row has an instruction (signature and docstring), a
    response (the program), and its origin: package, version, licence, file, line. Problems of
    HumanEval(+) and MBPP(+) are left out.

    \b
    lintseq dataset mine networkx boltons -o mined.jsonl
    lintseq dataset mine wheels/ stdlib -o mined.jsonl
    lintseq dataset mine src/ --licence MIT --licence MPL-2.0 -o mined.jsonl
    """
    from lintseq_core.data.building.report import report_path
    from lintseq_core.data.mining.mined_set import LicencePolicy, mine_dataset

    if licence and any_licence:
        raise typer.BadParameter("--licence and --any-licence exclude each other; leave one out")
    config = standards.config()
    policy = LicencePolicy(takes_any=any_licence)
    if licence:
        policy = LicencePolicy(frozenset(licence))
    command = shlex.join(["lintseq", *sys.argv[1:]])
    with Progress() as progress:

        def tell(counts: MiningCounts, file: SourceFile) -> None:
            progress.show(f"{counts.rows:,} rows; in {file.package.name}: {file.path}")

        counts = mine_dataset(
            sources, output, config, policy, force=force, command=command, on_file=tell
        )
    _print(counts)
    print(f"{counts.rows:,} rows in {output}; the report is {report_path(output)}")
    if counts.rows == 0:
        note("no row: the report says why each file and definition was left out")


def _print(counts: MiningCounts) -> None:
    from lintseq_core.data.mining.mined_set import REASONS

    most = sorted(counts.packages.values(), key=lambda one: (-one.rows, one.package.lower()))
    print(f"{'rows':>8} {'defined':>8} {'files':>7}  package")
    for one in most[:_MOST_PACKAGES]:
        named = " ".join(filter(None, (one.package, one.version)))
        licence = one.licence or "licence unknown"
        print(f"{one.rows:>8,} {one.definitions:>8,} {one.files:>7,}  {named} ({licence})")
    if len(most) > _MOST_PACKAGES:
        rows = sum(one.rows for one in most[_MOST_PACKAGES:])
        print(f"{rows:>8,} {'':>8} {'':>7}  {len(most) - _MOST_PACKAGES} more packages")
    if counts.left_out:
        print("\nleft out")
    for reason, count in counts.left_out.most_common():
        print(f"{count:>8,}  {reason}: {REASONS[reason]}")
    print()

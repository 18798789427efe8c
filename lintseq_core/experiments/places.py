"""Where the example programs, problems and recorded results of this project are."""

from __future__ import annotations

from pathlib import Path

from lintseq_core.errors import LintSeqError
from lintseq_core.programs import Program


def asset_folder(name: str) -> Path | None:
    """assets/`name` of a checkout or of the wheel; None where neither has it."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_explorer", package.parent):
        if (folder / "assets" / name).is_dir():
            return folder / "assets" / name
    return None


def example_programs(names: tuple[str, ...] = ()) -> dict[str, Program]:
    """The example programs by name, all of them or those named; LintSeqError for an unknown one."""
    folder = asset_folder("programs")
    if folder is None:
        raise LintSeqError(
            "the example programs are missing; install lintseq-core from its wheel or a checkout"
        )
    known = {path.stem: path for path in sorted(folder.glob("*.py"))}
    if unknown := [name for name in names if name not in known]:
        raise LintSeqError(f"no example program {unknown[0]!r}; there are {', '.join(known)}")
    return {name: Program.from_file(known[name]) for name in names or known}

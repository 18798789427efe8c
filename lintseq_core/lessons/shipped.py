"""Where the lessons, programs and traces are that come with LintSeq."""

from __future__ import annotations

from pathlib import Path

from lintseq_core.errors import LintSeqError

_PACKAGE = Path(__file__).resolve().parents[1]


def assets_folder() -> Path:
    """The folder `assets`: in the package from a wheel, beside it in a checkout."""
    for folder in (_PACKAGE / "_explorer" / "assets", _PACKAGE.parent / "assets"):
        if (folder / "programs").is_dir():
            return folder
    raise LintSeqError(
        f"{_PACKAGE}: the example programs are missing; install lintseq-core from its wheel or a "
        "checkout"
    )


def lesson_path(named: str) -> Path:
    """The file of a lesson given by its path, or by the name of one that ships."""
    path = Path(named)
    if path.suffix in (".yaml", ".yml") or path.exists():
        return path
    folder = assets_folder() / "lessons"
    known = sorted(file.stem for file in folder.glob("*.yaml"))
    if named not in known:
        raise LintSeqError(
            f"{named}: neither a file nor a lesson that ships; those are {', '.join(known)}"
        )
    return folder / f"{named}.yaml"

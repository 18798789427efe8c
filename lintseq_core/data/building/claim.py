"""What a build finds where it is to write: nothing, its own work, or what it must not touch."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from lintseq_core.data.building.partial import PartialBuild, Request
from lintseq_core.data.building.report import BuildReport, read_report, report_path
from lintseq_core.data.files import file_sha256
from lintseq_core.data.settings import BuildSettings, describe_versions
from lintseq_core.data.sources import (
    RowSource,
    SourceIdentity,
    file_format,
    identify,
    import_pyarrow_parquet,
)
from lintseq_core.errors import LintSeqError
from lintseq_core.linting import get_linter


def make_request(
    source: Path, output: Path, settings: BuildSettings
) -> tuple[Request, SourceIdentity]:
    """What is asked for, and what tells later whether the source is still the same."""
    output_format = file_format(output)
    reads_parquet = RowSource(source, max_row_bytes=settings.max_row_bytes).is_parquet
    versions = describe_versions(get_linter(settings.linter).version)
    if reads_parquet or output_format == "parquet":
        import_pyarrow_parquet()
        import pyarrow

        versions["pyarrow"] = pyarrow.__version__
    if settings.near_dedup is not None:
        from lintseq_core.data.building.near import datasketch_version

        versions["datasketch"] = datasketch_version()
    identity = identify(source)
    about = {name: getattr(identity, name) for name in ("name", "n_bytes", "sha256")}
    return Request(settings.to_dict(), versions, about, output_format), identity


def finished_report(output: Path, request: Request) -> BuildReport | None:
    """The report of `output` if it is what `request` asks for; None if there is neither.

    LintSeqError, with the difference, if something else is there.
    """
    if output.with_name(f"{output.name}.partial").joinpath("manifest.json").exists():
        return None  # its owner knows what `output` is
    remedy = "choose another -o, or --force to overwrite it"
    if not output.exists():
        if report_path(output).exists():
            raise LintSeqError(f"{report_path(output)} exists without its data set: {remedy}")
        return None
    if not report_path(output).exists():
        raise LintSeqError(f"{output} exists and has no report that says what it is: {remedy}")
    report = read_report(output)
    if differences := report.request.differences(request):
        what = "; ".join(differences)
        raise LintSeqError(f"{output} exists and was built otherwise: {what}: {remedy}")
    if file_sha256(output) != report.output_sha256:
        raise LintSeqError(f"{output} was changed after it was built: {remedy}")
    return report


def claim(
    partial: PartialBuild, output: Path, request: Request, force: bool
) -> dict[str, Any] | None:
    """The manifest of the build to go on with, new or found; None if all is done already."""
    try:
        manifest = partial.read_manifest()
        unfinished = manifest and Request.from_dict(manifest["request"])
    except LintSeqError:
        if not force:
            raise
        manifest = unfinished = None
    if manifest is not None and unfinished:
        differences = unfinished.differences(request)
        if not differences:
            return manifest | {"overwrites": manifest["overwrites"] or force}
        if not force:
            raise LintSeqError(
                f"{partial.folder} holds an unfinished build of other settings: "
                f"{'; '.join(differences)}: repeat its command to go on with it, choose another "
                "-o, or --force to start over"
            )
    if not force and finished_report(output, request):
        return None
    manifest = {"request": asdict(request), "overwrites": force, "wall_s": 0.0}
    partial.begin(manifest)
    return manifest

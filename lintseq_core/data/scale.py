"""The data set build as steps of a datatrove pipeline: one machine, Slurm or Ray.

datatrove brings the executors, files anywhere (local, S3, the Hugging Face Hub) and the restart:
tasks that are done are skipped. This module brings the steps. Each row is made as `build_dataset`
makes it and written as the same bytes, see docs/scale.md. Needs the extra `scale`.

    settings = BuildSettings("response", "instruction", dedup=False)
    pipeline = edit_pipeline("source", "edits", settings)
    LocalPipelineExecutor(pipeline, tasks=100, workers=8, logging_dir="logs").run()
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from lintseq_core.data.building.items import Drop, ItemMaker, Made
from lintseq_core.data.building.worker import make_item
from lintseq_core.data.fields import read_exchange
from lintseq_core.data.row_files import RowFile
from lintseq_core.data.settings import BuildSettings
from lintseq_core.data.sources import Payload
from lintseq_core.errors import LintSeqError
from lintseq_core.programs import Program
from lintseq_core.programs.compiling import TOO_DEEP
from lintseq_core.programs.markdown import find_program

try:
    from datatrove.data import Document
    from datatrove.pipeline.base import PipelineStep
    from datatrove.pipeline.dedup.exact_dedup import (
        ExactDedupConfig,
        ExactDedupFilter,
        ExactDedupSignature,
        ExactFindDedups,
    )
    from datatrove.pipeline.readers import ParquetReader
    from datatrove.pipeline.readers.base import BaseDiskReader
    from datatrove.pipeline.writers.disk_base import DiskWriter
except ImportError as error:
    raise LintSeqError(f"{error}: pip install 'lintseq-core[scale]'") from None


class RowReader(BaseDiskReader):
    """Reads the rows of JSON files, packed or not, as they are: `EditSequences` takes them apart.

    datatrove's JsonlReader loses a broken line with a warning and fails on one that is no object;
    here both are drops that are counted.
    """

    name = "LintSeq rows"

    def __init__(self, folder: Any, max_row_bytes: int, **options: Any) -> None:
        """`options` are those of `BaseDiskReader`: glob_pattern, paths_file, limit, ..."""
        super().__init__(folder, **options)
        self.max_row_bytes = max_row_bytes

    def read_file(self, filepath: str) -> Iterator[Document]:
        """A document for each row. What a file is is told from what it holds (`row_files`)."""

        def opened() -> IO[bytes]:
            # gzip is told from the bytes; other packings, which only the name tells, are unpacked.
            packed = None if filepath.endswith(".gz") else "infer"
            stream: IO[bytes] = self.data_folder.open(filepath, "rb", compression=packed)
            return stream

        for row in RowFile(opened, filepath, max_row_bytes=self.max_row_bytes).rows():
            yield row_document(row.text, filepath, row.number - 1)


def row_document(payload: Payload, path: str, index: int) -> Document:
    """A row of a source with its place; `index` is its 0-based line, or row of a Parquet file."""
    about = {"payload": payload, "index": index, "source_file": path.rpartition("/")[2]}
    return Document(text="row", id=f"{path}/{index}", metadata=about)


def _parquet_row(reader: Any, row: dict[str, Any], path: str, index: int) -> dict[str, Any]:
    document = row_document(row, path, index)
    return {"text": document.text, "id": document.id, "metadata": document.metadata}


class EditSequences(PipelineStep):
    """Turns each row of a source into rows of the data set.

    In: documents of `row_document`. Out: one document for each row, whose `text` is the line of
    JSON, in the layout of the settings. The statistics count programs, rows and drops by reason.
    """

    name = "LintSeq edits"
    type = "EDITS"

    def __init__(self, settings: BuildSettings) -> None:
        """LintSeqError if `settings` look beyond one row: tasks know nothing of each other."""
        super().__init__()
        if settings.dedup:
            raise LintSeqError(
                "dedup compares all rows and a task has a part of them: use dedup=False, and "
                "dedup_pipelines for the copies (docs/scale.md)"
            )
        if settings.limit is not None:
            raise LintSeqError("limit counts all rows: use the limit of the reader, one per task")
        self.settings = settings

    def run(
        self, data: Iterator[Document], rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        """The rows that become of `data`, in its order."""
        makers: dict[str, ItemMaker] = {}
        for document in data:
            about = document.metadata
            name = about["source_file"]
            if name not in makers:
                makers[name] = ItemMaker(self.settings, name)
            with self.track_time():
                item = make_item(
                    makers[name], about["index"], about["payload"], self.settings.cpu_limit_s
                )
            if isinstance(item, Drop):
                self.stat_update("dropped", f"dropped_{item.kind}")
                continue
            assert isinstance(item, Made), "a row is seen again only with dedup"
            rows = item.rows.decode().split("\n")[:-1]
            self.stat_update("programs", *(f"unused_{name}" for name in item.unused))
            self.stat_update("rows", value=len(rows), unit="program")
            for number, row in enumerate(rows):
                yield Document(text=row, id=f"{document.id}/{number}")


class RowWriter(DiskWriter):
    """Writes the `text` of each document as a line: NNNNN.jsonl for the task of rank NNNNN."""

    default_output_filename = "${rank}.jsonl"
    name = "LintSeq rows"

    def __init__(self, folder: Any, *, compression: str | None = None, **options: Any) -> None:
        """`compression`: None, "gzip" or "zstd", which adds its suffix to the name."""
        super().__init__(folder, compression=compression, mode="wb", **options)

    def _write(self, document: dict[str, Any], file_handler: IO[bytes], filename: str) -> None:
        file_handler.write(f"{document['text']}\n".encode())


def edit_pipeline(
    source: str,
    output: str,
    settings: BuildSettings,
    *,
    copies: str | None = None,
    compression: str | None = None,
    **reader_options: Any,
) -> list[PipelineStep]:
    """Reader, step and writer: the files of the folder `source` as edit sequences in `output`.

    All folders may be anything that datatrove takes, as "s3://bucket/folder". A task gets whole
    files, so have at least as many files as tasks. `copies` is the folder of `dedup_pipelines`.
    `reader_options`: glob_pattern (by default "*.jsonl*"; one that ends in ".parquet" reads
    Parquet), paths_file and others of the readers.
    """
    steps = [_reader(source, settings, reader_options), EditSequences(settings)]
    if copies is not None:
        steps.insert(1, ExactDedupFilter(f"{copies}/found", _dedup_config(settings)))
    return [*steps, RowWriter(output, compression=compression)]


def dedup_pipelines(
    source: str, copies: str, settings: BuildSettings, **reader_options: Any
) -> tuple[list[PipelineStep], list[PipelineStep]]:
    """Two pipelines that find copies, to be run one after the other before `edit_pipeline`.

    The first runs in as many tasks as `edit_pipeline` then must, the second in one. Their notes are
    in the folder `copies`. The same program is the same normal form, as in `build_dataset`, which
    keeps the first row of a program; here it is any one.
    """
    config = _dedup_config(settings)
    reader = _reader(source, settings, reader_options)
    signatures = f"{copies}/signatures"
    return (
        [reader, ExactDedupSignature(signatures, config, finder_workers=1)],
        [ExactFindDedups(signatures, f"{copies}/found", config)],
    )


def _reader(source: str, settings: BuildSettings, options: dict[str, Any]) -> PipelineStep:
    options = {"glob_pattern": "*.jsonl*"} | options
    if options["glob_pattern"].endswith(".parquet"):
        return ParquetReader(source, adapter=_parquet_row, **options)
    return RowReader(source, settings.max_row_bytes, **options)


def _dedup_config(settings: BuildSettings) -> Any:
    return ExactDedupConfig(
        content_getter=_ProgramId(settings.program_field, settings.instruction_field)
    )


@dataclass(frozen=True, slots=True)
class _ProgramId:
    """The id of the program of a document, or of the document where that is no program."""

    program: str
    instruction: str | None

    def __call__(self, document: Document) -> bytes:
        payload = document.metadata["payload"]
        try:
            row = json.loads(payload) if isinstance(payload, bytes) else payload
            found = read_exchange(row, program=self.program, instruction=self.instruction)
            return Program.from_text(find_program(found.response) or "").id.encode()
        except (LintSeqError, ValueError, *TOO_DEEP):
            return str(document.id).encode("utf-8", "backslashreplace")

"""A folder of programs as EvalPlus reads it: HumanEval_0/0.py, HumanEval_0/1.py ..."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from lintseq_core.data.files import sync_folder
from lintseq_core.results.formats.format import Numbering
from lintseq_core.results.formats.reading import FormatError
from lintseq_core.results.formats.rows import whole_program
from lintseq_core.results.sample import Sample

# "_" stands for "/", so it cannot stand for itself. No name may lead out of the folder.
_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*(/[A-Za-z0-9][A-Za-z0-9.+-]*)*")
_LONGEST_NAME = 200
"""Of a folder: file systems end at 255 bytes, some below."""


def write(samples: Iterable[Sample], path: Path) -> None:
    """Write one program a sample; the folder appears whole, in the place of an older one."""
    numbering = Numbering()
    partial = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        for sample in samples:
            task_id = sample.task_id
            if len(task_id) > _LONGEST_NAME or not _TASK_ID.fullmatch(task_id):
                raise FormatError(
                    f"{sample.place}: task_id {task_id!r:.60} cannot be a folder that EvalPlus "
                    "reads back; write --to evalplus"
                )
            folder = partial / task_id.replace("/", "_")
            folder.mkdir(exist_ok=True)
            file = folder / f"{numbering.next_id(task_id)}.py"
            file.write_bytes(_bytes(sample))
        partial.chmod(0o755)
        if path.exists():
            shutil.rmtree(path)
        partial.rename(path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    sync_folder(path.parent)


def _bytes(sample: Sample) -> bytes:
    try:
        return whole_program(sample).encode()
    except UnicodeEncodeError:
        raise FormatError(
            f"{sample.place}: holds half of a surrogate pair, which no file of text can; "
            "write --to evalplus"
        ) from None

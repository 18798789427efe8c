"""`python -m lintseq_core.results.samples SOURCE FOLDER [NAME [SCORER]]`: import a file.

Says how far it is as JSON lines on standard output. A file that exhausts memory or a parser ends
this process and not the one that shows pages.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text
from lintseq_core.results.samples.importing import ABOUT, import_file
from lintseq_core.results.samples.structure import STRUCTURE, build_structure

_EVERY_S = 0.2


def main(source: str, folder: str, name: str = "", scorer: str = "") -> int:
    """Make the store, then its structure; 1 after an error, which is the last line."""
    last = 0.0

    def say(stage: str, done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _EVERY_S:
            last = time.monotonic()
            print(json_text({"stage": stage, "done": done, "of": of}), flush=True)

    target = Path(folder)
    try:
        if not (target / ABOUT).is_file():
            import_file(
                Path(source),
                target,
                name=name,
                scorer=scorer,
                on_progress=lambda done, n: say("rows", done, n),
            )
        print(json_text({"stage": "imported", "done": 0, "of": 0}), flush=True)
        if not (target / STRUCTURE).is_file():
            build_structure(target, lambda done, of: say("programs", done, of))
    except (LintSeqError, OSError) as error:
        print(json_text({"stage": "error", "said": str(error)}), flush=True)
        return 1
    print(json_text({"stage": "done", "done": 0, "of": 0}), flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except BrokenPipeError:  # who listened is gone
        sys.exit(1)

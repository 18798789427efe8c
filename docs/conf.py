"""How `make docs` makes a book of docs/, the notebooks and the docstrings, without the network.

The source folder is the repository itself, so that every link works on GitHub and in the book
alike. The contents are the links of docs/README.md; the reference is written by book.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from lintseq_core import __version__  # noqa: E402

project = "LintSeq explorer"
author = "The LintSeq explorer contributors"
project_copyright = author
version = release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "book"]
root_doc = "docs/README"
include_patterns = [
    "*.md", "docs/*.md", "notebooks/README.md", "notebooks/[0-9]*.ipynb", "perf/RESULTS.md",
    "assets/**/README.md", "assets/results/LOG.md", "build/reference/*.md",
]  # fmt: skip
# Figures are read as their PNG; a notebook's Markdown cell may begin at any level; a name in a
# signature may be that of two classes (the public one and where it is defined): it leads to one.
suppress_warnings = ["mystnb.unknown_mime_type", "myst.header", "ref.python"]

# Links to a heading, spelled as on GitHub.
myst_heading_anchors = 4

# Notebooks are shown as they were run, with the PNG twin of a figure: nothing is loaded.
nb_execution_mode = "off"
nb_mime_priority_overrides = [("html", "image/png", 0), ("html", "text/html", 10)]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
# What is slow to import, or not there: its names are shown, it is not run.
autodoc_mock_imports = [
    "_host", "accelerate", "datatrove", "gguf", "peft", "torch", "transformers", "vllm", "wasmtime",
]  # fmt: skip
maximum_signature_line_length = 80
python_use_unqualified_type_names = True

highlight_language = "text"  # commands and their output, unless a block says python

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["book.css"]
html_css_files = ["book.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False

"""One edit sequence in every format, side by side: all of each text, each piece with its part."""

import html
import re

from lintseq_core import Program, sample_paths
from lintseq_core.edits.formats import FORMAT_NAMES
from lintseq_core.viewer.format_texts import FormatTexts
from lintseq_core.viewer.notebook import bundle_of

TEXT = "def double(n):\n    if n < 0:\n        return 0\n    return 2 * n\n"
(SEQUENCE,) = sample_paths(Program(TEXT), seed=1, n_paths=1)


def test_every_format_is_shown_whole_and_none_of_its_code_is_markup():
    shown = bundle_of(FormatTexts(SEQUENCE))["text/html"]
    cells = re.findall(r"<td [^>]*><pre>(.*?)</pre></td>", shown, re.DOTALL)
    texts = [html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in cells]
    assert texts == [
        SEQUENCE.to_model_text(edit_format=name).removeprefix("\n") for name in FORMAT_NAMES
    ]
    assert "if n &lt; 0" in shown


def test_new_code_is_told_from_all_else_without_colour():
    shown = bundle_of(FormatTexts(SEQUENCE, ("unified",)))["text/html"]
    cell = shown.partition("<tbody>")[2]
    code = "".join(re.findall(r"<span [^>]*>(.*?)</span>", cell, re.DOTALL))
    assert sorted(html.unescape(code).splitlines()) == sorted(TEXT.splitlines())
    counts = re.findall(r"<u [^>]*>(\d+)</u>", cell)
    assert all(int(count) > 1 for count in counts)

"""The single file holds its data as text alone, and lets nothing else run or be fetched."""

from __future__ import annotations

import json
import re

import pytest

from lintseq_core import Program, sample_path
from lintseq_core.viewer import build_payload
from lintseq_core.viewer.html import build_page

HOSTILE = "s = '</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>&amp;'\nt = s\n"


def page_of(text: str, title: str, n: int = 1) -> str:
    program = Program.from_text(text)
    payloads = [
        build_payload(sample_path(program, seed=0, path_index=path), title=title)
        for path in range(n)
    ]
    return build_page(payloads, title=title, footer="</footer><script>alert(3)</script>")


def test_data_comes_back_as_it_was_and_has_no_way_out() -> None:
    page = page_of(HOSTILE, "</title><script>alert(4)</script>")

    (data,) = re.findall(r'<script type="application/json" id="payloads">(.*?)</script>', page)
    assert "<" not in data and "&" not in data
    assert json.loads(data)[0]["lines"] == HOSTILE.rstrip("\n").split("\n")
    assert page.count("<script") == 2
    assert "alert(4)</script>" not in page and "alert(3)</script>" not in page


def test_nothing_is_fetched() -> None:
    page = page_of(HOSTILE, "T")

    outside = re.sub(r"http://www\.w3\.org/\S+", "", page)  # the name of SVG, never opened
    assert not re.search(r"(https?:)?//[a-z]+\.[a-z]", outside)
    assert not re.search(r"\b(src|href)=[\"']", page.replace("img src=x", ""))
    assert "default-src 'none'" in page


@pytest.mark.parametrize(("n", "playlist"), [(1, False), (3, True)])
def test_several_samples_have_a_playlist(n: int, playlist: bool) -> None:
    assert ('class="playlist"' in page_of("a = 1\nb = a\n", "T", n)) is playlist

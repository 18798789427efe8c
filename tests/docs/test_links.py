"""No link of the README and the docs leads nowhere. Nothing here asks the network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import PAGES, READ_ON, ROOT, anchors, links, name


@pytest.mark.parametrize("page", READ_ON, ids=name)
def test_every_link_inside_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for link in links(page):
        if link.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
        elif not target.is_relative_to(ROOT):
            broken.append(f"{link} leaves the repository")
    assert broken == []


@pytest.mark.parametrize("page", READ_ON, ids=name)
def test_links_to_the_web_are_encrypted_and_whole(page: Path) -> None:
    assert [link for link in links(page) if "://" in link and not link.startswith("https://")] == []


def reached(page: Path) -> set[Path]:
    return {
        (page.parent / link.partition("#")[0]).resolve()
        for link in links(page)
        if "://" not in link
    }


def test_every_page_is_two_clicks_from_the_readme() -> None:
    readme = ROOT / "README.md"
    first = reached(readme)
    second = {page for seen in first if seen.suffix == ".md" for page in reached(seen)}
    missing = [name(page) for page in READ_ON if page not in {readme} | first | second]
    assert missing == []


def test_the_contents_name_every_page_of_docs_once() -> None:
    contents = ROOT / "docs" / "README.md"
    listed = [link for link in links(contents) if "/" not in link]
    assert sorted(listed) == sorted(
        page.name for page in PAGES if page.parent == contents.parent and page != contents
    )

"""What the README shows works as shown."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from lintseq_core.cli import app

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_library_example_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(example.strip().split("\n")) <= 10
    monkeypatch.chdir(ROOT)
    exec(compile(example, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "edit 1 of 7" in printed
    assert "+def row_sums(matrix):" in printed


def test_the_two_commands_are_makefile_targets_and_the_second_is_what_ci_runs() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)$", README, re.MULTILINE):
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE), target
    assert re.findall(r"^make (\w+)$", README, re.MULTILINE) == ["dashboard", "test"]
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_command_line_of_the_readme_names_real_options() -> None:
    from typer.main import get_command

    commands = get_command(app).commands  # type: ignore[attr-defined]
    lines = [line.split("#")[0] for line in README.split("\n") if line.startswith("lintseq ")]
    assert len(lines) >= 5
    for call in (part for line in lines for part in re.split(r"[|>]", line)):
        words = shlex.split(call)
        if not words or words[0] != "lintseq":
            continue
        command = commands[words[1]]
        if hasattr(command, "commands"):  # a group, as in `lintseq dataset build`
            command = command.commands[words[2]]
        known = {option for param in command.params for option in param.opts}
        assert {word for word in words if word.startswith("-") and word != "-"} <= known, call


def test_pictures_and_folders_exist() -> None:
    tree = re.findall(r"^([\w/]+/)  +\w", README, re.MULTILINE)
    assert len(tree) == 7
    for path in (
        re.findall(r"!\[.*?\]\((.*?)\)", README) + re.findall(r"`([\w/]+/)`", README) + tree
    ):
        assert (ROOT / path).exists(), path


def test_the_tree_has_every_folder_of_the_repository() -> None:
    listing = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode:
        pytest.skip("not a checkout: what is tracked is not known")
    folders = {line.split("/")[0] for line in listing.stdout.splitlines() if "/" in line}
    ours = {name for name in folders if not name.startswith(".")}
    assert set(re.findall(r"^(\w+)/  +\w", README, re.MULTILINE)) == ours


def test_every_number_of_the_results_stands_in_its_record() -> None:
    table = README[README.index("## Results") : README.index("## What is where")]
    numbers = re.findall(r"\[([\d.,]+)(?: %)?\]\(([^)#]+)[^)]*\)(.*)", table)
    assert len(numbers) >= 4
    for number, record, rest in numbers:
        source = ROOT / record
        assert source.is_file(), record
        if source.name == "record.json":
            source = source.with_name("result.json")
        text = source.read_text(encoding="utf-8")
        interval = re.search(r"interval ([−\d.]+) to ([\d.]+)", rest)
        assert re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d,]|\.\d)", text), (number, record)
        if interval:
            assert f"interval {interval[1]} to {interval[2]} " in text, (number, record)


def test_it_cites_what_the_citation_file_cites() -> None:
    import yaml

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["preferred-citation"]
    assert f"title     = {{{citation['title']}}}" in README
    assert f"year      = {{{citation['year']}}}" in README
    for author in citation["authors"]:
        assert f"{author['family-names']}, {author['given-names']}" in README

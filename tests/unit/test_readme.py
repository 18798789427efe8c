"""What the README shows works as shown."""

from __future__ import annotations

import re
import shlex
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
    for path in re.findall(r"!\[.*?\]\((.*?)\)", README) + re.findall(r"`([\w/]+/)`", README):
        assert (ROOT / path).exists(), path

"""Which installed packages a program under test may see: those asked for and what they need."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import re
import sys
from importlib.metadata import Distribution
from pathlib import Path

from lintseq_core.errors import LintSeqError

_EXTRA = re.compile(r"\bextra\s*==")
_RUN_BY_SITE = re.compile(r".*\.pth|__pycache__|(site|user)customize(\.py)?")
"""What an interpreter that starts with its module site would run, unasked."""


def chosen_packages(text: str) -> tuple[str, ...]:
    """The names in `text`, "numpy, pandas": as programs import them, or as they are installed.

    Raises LintSeqError for a name that is not installed, or that needs no permission.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name in sys.stdlib_module_names:
            raise LintSeqError(f"--packages: {name} comes with Python; leave it out")
        if not _providers(name):
            raise LintSeqError(
                f"--packages: no package {name!r:.60} is installed here; give names with commas "
                "between, as in numpy,pandas, and install what is missing"
            )
        shown_packages((name,))
    return names


def versions_of(names: tuple[str, ...]) -> dict[str, str]:
    """Name and version of each package that `shown_packages` shows, in the order of their names."""
    found = {_normal(one.name): one.version for one in _distributions(names)}
    return dict(sorted(found.items()))


@functools.cache
def shown_packages(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Files and folders of the packages imported as `names`, and of all they depend on.

    Each is where it is, and where it goes below the folder that a box shows packages in: "0/numpy",
    as `python_paths` counts. What other packages put into the same folder is not among them.
    """
    if not names:
        return ()  # to read what each installed package owns takes a quarter of a second
    distributions = _distributions(names)
    chosen = {_normal(one.name) for one in distributions}
    others = {
        top
        for top, owners in _owners().items()
        if any(_normal(owner) not in chosen for owner in owners)
    }
    folders = list(python_paths(names))
    shown: dict[tuple[str, str], None] = {}
    for one in distributions:
        number = folders.index(str(one.locate_file("")))
        for file in one.files or ():
            if file.parts[0] == ".." or any(map(_RUN_BY_SITE.fullmatch, file.parts[:2])):
                continue
            inside = "/".join(file.parts[: 2 if file.parts[0] in others else 1])
            if Path(str(one.locate_file(inside))).exists():
                shown[str(one.locate_file(inside)), f"{number}/{inside}"] = None
    return tuple(shown)


@functools.cache
def python_paths(names: tuple[str, ...]) -> tuple[str, ...]:
    """The folders that the packages for `names` are installed in: what `sys.path` needs."""
    return tuple(dict.fromkeys(str(one.locate_file("")) for one in _distributions(names)))


def shows(names: tuple[str, ...], module: str) -> bool:
    """Whether the packages for `names` bring the top-level module `module`."""
    tops = (inside.split("/")[1] for _, inside in shown_packages(names))
    return any(top.partition(".")[0] == module for top in tops)


def inside_paths(names: tuple[str, ...], folder: str) -> tuple[str, ...]:
    """The same where a box shows the packages in `folder`."""
    return tuple(f"{folder}/{number}" for number in range(len(python_paths(names))))


@functools.cache
def _distributions(names: tuple[str, ...]) -> tuple[Distribution, ...]:
    """What is installed for `names`, and what that requires, as far as it is installed."""
    left: list[str] = []
    for name in names:
        providers = _providers(name)
        if not providers:
            raise LintSeqError(
                f"a test needs the package {name}, which is not installed: install it"
            )
        for provider in providers:
            if not _lists_its_files(importlib.metadata.distribution(provider)):
                raise LintSeqError(
                    f"the package {provider} is used from its checkout, or installed without a "
                    "list of its files, so a box cannot show it alone: install it from its wheel"
                )
        left += providers
    found: dict[str, Distribution] = {}
    while left:
        key = _normal(left.pop())
        if key in found:
            continue
        try:
            found[key] = importlib.metadata.distribution(key)
        except importlib.metadata.PackageNotFoundError:  # an optional dependency
            continue
        for requirement in found[key].requires or ():
            if not _EXTRA.search(requirement):
                left.append(re.split(r"[^A-Za-z0-9._-]", requirement.strip(), maxsplit=1)[0])
    return tuple(found.values())


def _providers(name: str) -> list[str]:
    """The distributions that bring the module `name`, or else the one of that name."""
    if name in _owners():
        return _owners()[name]
    try:
        return [importlib.metadata.distribution(name).name]
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return []


def _lists_its_files(distribution: Distribution) -> bool:
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    return bool(distribution.files) and not origin.get("dir_info", {}).get("editable", False)


@functools.cache
def _owners() -> dict[str, list[str]]:
    """The distributions of each top-level module."""
    owners = importlib.metadata.packages_distributions()
    return {module: sorted(set(names)) for module, names in owners.items()}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

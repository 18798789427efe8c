"""Which installed packages a program under test may see: those asked for and what they need."""

from __future__ import annotations

import functools
import importlib.metadata
import re
from pathlib import Path

from lintseq_core.errors import LintSeqError


@functools.cache
def shown_packages(names: tuple[str, ...]) -> tuple[str, ...]:
    """Files and folders of the packages imported as `names`, and of all they depend on."""
    providers = importlib.metadata.packages_distributions()
    left = []
    for name in names:
        if name not in providers:
            raise LintSeqError(
                f"a test needs the package {name}, which is not installed: install it"
            )
        left += providers[name]
    seen: set[str] = set()
    paths: dict[str, None] = {}
    while left:
        key = _normal(left.pop())
        if key in seen:
            continue
        seen.add(key)
        try:
            distribution = importlib.metadata.distribution(key)
        except importlib.metadata.PackageNotFoundError:  # an optional dependency
            continue
        for file in distribution.files or ():
            top = file.parts[0]
            if top != ".." and not top.endswith((".pth", "__pycache__")):
                paths[str(distribution.locate_file(top))] = None
        for requirement in distribution.requires or ():
            if "extra ==" not in requirement:
                left.append(re.split(r"[^A-Za-z0-9._-]", requirement.strip(), maxsplit=1)[0])
    return tuple(path for path in paths if Path(path).exists())


@functools.cache
def python_paths(names: tuple[str, ...]) -> tuple[str, ...]:
    """What `sys.path` needs for `names`."""
    return tuple(dict.fromkeys(str(Path(path).parent) for path in shown_packages(names)))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()

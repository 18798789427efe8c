"""The scripts that run in boxes, each as one compiled file without any import of this package.

Compiling anew for every test costs more than starting Python does, and a box should hold nothing
it does not need: no checkout, no site-packages.
"""

from __future__ import annotations

import importlib.util
import marshal
import tempfile
from pathlib import Path
from types import CodeType

_PACKAGE = "lintseq_core.execution"
_PARTS = {
    "child": ("protocol", "witness", "child"),
    "judge": ("protocol", "child", "judge"),
}

# Registers the parts as the modules that their import statements name, runs the last one, and
# leaves no trace of them for the program to trip over.
_LAUNCHER = """
import sys
from marshal import loads
package = type(sys)({package!r})
sys.modules[{package!r}] = package
parts = loads({parts!r})
del loads
for name, code in parts[:-1]:
    module = type(sys)({package!r} + "." + name)
    sys.modules[module.__name__] = module
    setattr(package, name, module)
    exec(code, module.__dict__)
space = {{"__name__": {package!r} + ".main", "__builtins__": __builtins__}}
exec(parts[-1][1], space)
space["main"]()
"""


def write_bundles(folder: Path) -> None:
    """Write child.pyc and judge.pyc into `folder`, readable by every user."""
    here = Path(__file__).parent
    for name, parts in _PARTS.items():
        codes: list[tuple[str, CodeType]] = []
        for part in parts:
            source = (here / f"{part}.py").read_text(encoding="utf-8")
            codes.append((part, compile(source, f"<{part}>", "exec", dont_inherit=True)))
        text = _LAUNCHER.format(package=_PACKAGE, parts=marshal.dumps(codes))
        code = compile(text, f"<{name}>", "exec", dont_inherit=True)
        path = folder / f"{name}.pyc"
        head = importlib.util.MAGIC_NUMBER + b"\0" * 12
        path.write_bytes(head + marshal.dumps(code))
        path.chmod(0o644)


def bundle_folder() -> tempfile.TemporaryDirectory[str]:
    """A new folder with the bundles, removed when the caller is done with it."""
    folder = tempfile.TemporaryDirectory(prefix="lintseq-box-")
    Path(folder.name).chmod(0o755)
    write_bundles(Path(folder.name))
    return folder

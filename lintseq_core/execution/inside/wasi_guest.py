"""In WebAssembly: run the child where there are no processes and no descriptors to inherit.

Its text, with the child's parts put in, is what the interpreter in WebAssembly is given to run. The
channel is one function of the host's, which reads or writes the harness's socket; the program can
call it as well, as it can use the channel's descriptor elsewhere.
"""

from __future__ import annotations

import posix
import sys

import _host  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

CHANNEL = 3
PARTS: list[tuple[str, str]] = []  # put in by `bundle`: name and source, in order
MISSING = ("WEXITSTATUS", "WIFSIGNALED", "WTERMSIG", "fork", "kill", "setsid", "wait")

_NO_ROOM = {51: 28, 22: 27, 19: 122}
"""ENOSPC, EFBIG and EDQUOT: what WebAssembly's system calls them, what Linux does."""


def read_channel(descriptor: int, length: int) -> bytes:
    """What has arrived on the channel, at most `length` bytes; waits for it."""
    data: bytes = _host.call(b"r" + length.to_bytes(4, "big"))
    return data


def write_channel(descriptor: int, data: bytes) -> int:
    """Send `data`; how much of it was sent."""
    _host.call(b"w" + bytes(data))
    return len(data)


def with_numbers_of_linux(described: Callable[[str, BaseException], bytes]) -> Any:
    """The child's `described`, with the number that the harness knows for a disk that is full."""

    def describe(kind: str, error: BaseException) -> bytes:
        if type(error) is OSError and error.errno in _NO_ROOM:
            error.errno = _NO_ROOM[error.errno]
        return described(kind, error)

    return describe


def main() -> None:
    """Make modules of the parts and run the last."""
    added = [name for name in MISSING if not hasattr(posix, name)]
    for name in added:
        setattr(posix, name, None)
    package = type(sys)("lintseq_core.execution.inside")
    sys.modules[package.__name__] = package
    for name, source in PARTS:
        module = type(sys)(f"{package.__name__}.{name}")
        sys.modules[module.__name__] = module
        setattr(package, name, module)
        exec(compile(source, f"<{name}>", "exec", dont_inherit=True), module.__dict__)
        if name == "protocol":
            vars(module).update(read=read_channel, write=write_channel)
        if name == "child":
            vars(module)["described"] = with_numbers_of_linux(vars(module)["described"])
    for name in added:
        delattr(posix, name)
    sys.argv[:] = ["child", str(CHANNEL)]
    package.child.main()


if __name__ == "__main__":
    main()

"""In the box: load a program, answer calls to it. Knows no test and no expected value.

Runs as a script of its own (see `bundle`), with the standard library's C parts only, because every
import here is paid once a test. Nothing here is trusted by the other side.
"""

# Importing pathlib costs as much as starting Python.
# ruff: noqa: PTH123

from __future__ import annotations

import builtins
import sys
from posix import (
    WEXITSTATUS,
    WIFSIGNALED,
    WTERMSIG,
    _exit,
    chdir,
    closerange,
    environ,
    fork,
    getpid,
    kill,
    setsid,
    unsetenv,
    wait,
)

from lintseq_core.execution.inside import protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILE = "solution.py"


def main() -> None:
    """Serve one job on the descriptor named by the first argument."""
    channel = int(sys.argv[1])
    enter(sys.argv[2:])
    protocol.send(channel, protocol.HELLO)
    frame = protocol.receive(channel)
    if frame is None:
        _exit(0)
    job = protocol.decode(frame[1])
    if job["folder"]:
        chdir(job["folder"])
    forget("PWD")
    if job["limits"]:
        set_limits(job["limits"])
    sys.path += job["paths"]
    sys.argv[:] = [FILE]
    sys.orig_argv[:] = [sys.executable, FILE]
    mode = job["mode"]
    module = new_module("__main__" if mode == "stdio" else "solution")
    if not load(channel, module, job["source"]):
        return
    if mode == "stdio":
        return
    if mode == "in_process":
        from lintseq_core.execution.inside import witness

        protocol.send(channel, protocol.REPORT, witness.run(module, job))
        _exit(0)
    for name in job["names"]:
        if name not in module:
            message = f"name {name!r} is not defined"
            protocol.send(channel, protocol.FAILED, described("raised", NameError(message)))
            _exit(0)
    protocol.send(channel, protocol.READY)
    serve(channel, module, set(job["names"]))
    _exit(0)


def enter(options: list[str]) -> None:
    """Do what the backend asks for before anything else: "keep" or "keep-orphans", then "uid=N".

    In this order, as it is root's bubblewrap that ends the first process when it ends, which the
    kernel allows it with another user's process as little as anybody else.
    """
    for option in options:
        if option == "keep":
            keep()
        elif option == "keep-orphans":
            setsid()
            with_orphans()
            keep()
        elif option.startswith("uid="):
            become(int(option[4:]))


def become(uid: int) -> None:
    """Be a user that owns nothing: as root's own child, the program would own the machine's files.

    Without capabilities too, the owner of /proc/sys/kernel/core_pattern may write to it.
    """
    from posix import setgroups, setresgid, setresuid

    setgroups([])
    setresgid(uid, uid, uid)
    setresuid(uid, uid, uid)
    # The change made /proc/self/fd, and with it /dev/stdin, root's: take it back.
    system_call("prctl", 4, 1, 0, 0, 0)  # PR_SET_DUMPABLE


def drop_capabilities() -> None:
    """Keep none of those that bubblewrap left us for the change of user."""
    header = 0x20080522.to_bytes(4, sys.byteorder) + bytes(4)  # _LINUX_CAPABILITY_VERSION_3
    system_call("capset", header, bytes(24))


def system_call(name: str, *arguments: int | bytes) -> int:
    """What the C function `name` returns; ctypes itself would take 5 ms to import."""
    import _ctypes

    library = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]
    result: int = _ctypes.call_function(_ctypes.dlsym(library, name), arguments)
    return result


def with_orphans() -> None:
    """Make what the program leaves behind ours instead of the system's, on Linux."""
    if sys.platform == "linux":
        system_call("prctl", 36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def keep() -> None:
    """Go on in a child of this process; here, wait for it, then end all that it left behind.

    As the first process of a namespace this one cannot be signalled from inside, and the kernel
    ends everything else with it, before anybody outside hears that it ended.
    """
    main = fork()
    if main == 0:
        return
    closerange(0, 1 << 16)  # the ends of pipes shall be the program's alone
    if getpid() == 1:
        drop_capabilities()
    while True:
        pid, status = wait()
        if pid == main:
            break
    children = f"/proc/self/task/{getpid()}/children"
    for _ in range(10_000):
        try:
            with open(children, "rb") as file:
                left = [int(child) for child in file.read().split()]
            if getpid() == 1 or not left:
                break
            for child in left:
                kill(child, 9)
            wait()
        except OSError:
            break
    _exit(128 + WTERMSIG(status) if WIFSIGNALED(status) else WEXITSTATUS(status))


def new_module(name: str) -> dict[str, Any]:
    """The namespace of an empty module that is registered, so that its classes can be found."""
    module = type(sys)(name)
    module.__file__ = FILE
    sys.modules[name] = module
    space = module.__dict__
    space["__builtins__"] = builtins
    return space


def load(channel: int, module: dict[str, Any], source: str) -> bool:
    """Run the program's module body; False if it failed, which has then been told."""
    source = source.removeprefix("\ufeff")
    try:
        with open(FILE, "wb") as file:
            file.write(source.encode("utf-8", "surrogatepass"))
        code = compile(source, FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        protocol.send(channel, protocol.FAILED, described("syntax", error))
        return False
    except BaseException as error:
        protocol.send(channel, protocol.FAILED, described("raised", error))
        return False
    add_site_builtins(source)
    try:
        seed(source)
        exec(code, module)
    except SystemExit as error:
        if module["__name__"] == "__main__" and (error.code is None or isinstance(error.code, int)):
            raise  # the interpreter ends with this status, which the harness sees
        protocol.send(channel, protocol.FAILED, described("exited", error))
        return False
    except BaseException as error:
        protocol.send(channel, protocol.FAILED, described("raised", error))
        return False
    return True


def add_site_builtins(source: str) -> None:
    """Have the builtins of an interpreter that starts with its module site, which ours does not."""
    import _sitebuiltins

    for name in ("exit", "quit"):
        setattr(builtins, name, _sitebuiltins.Quitter(name, "Ctrl-D (i.e. EOF)"))
    builtins.help = _sitebuiltins._Helper()
    if "copyright" in source or "credits" in source or "license" in source:
        import site  # and with it os, which costs most programs a millisecond for nothing

        site.setcopyright()


def seed(source: str) -> None:
    """Make random numbers start the same way every time, where the program speaks of them."""
    if "random" in source:
        import random

        random.seed(0)
        if "numpy" in source:
            try:
                import numpy
            except ImportError:  # the program will find that out by itself, if it comes to it
                return
            numpy.random.seed(0)


def serve(channel: int, module: dict[str, Any], names: set[str]) -> None:
    """Answer calls until there are no more."""
    while (frame := protocol.receive(channel)) is not None:
        name, args, keywords, returns_args = protocol.decode(frame[1])
        if name not in names:
            _exit(0)
        try:
            result = module[name](*args, **keywords)
        except BaseException as error:
            protocol.send(channel, protocol.RAISED, described("raised", error))
            continue
        try:
            body = protocol.encode([result, args if returns_args else None])
        except protocol.Opaque as error:
            protocol.send(channel, protocol.OPAQUE, str(error).encode("utf-8", "replace")[:200])
            continue
        protocol.send(channel, protocol.VALUE, body)


def described(kind: str, error: BaseException) -> bytes:
    """kind NUL type NUL errno NUL message, for a reader that trusts none of it."""
    number = message = ""
    try:
        errno = getattr(error, "errno", None)
        if type(errno) is int and 0 <= errno < 1 << 31:
            number = str(errno)
        message = str(error)[:200]
    except BaseException:  # the program's own code, which may do anything
        pass
    name = type(error).__name__
    parts = (kind, str(name), number, message)
    return "\0".join(part.replace("\0", " ") for part in parts).encode("utf-8", "replace")


def forget(name: str) -> None:
    """Take a variable of the box's making out of the environment."""
    unsetenv(name)
    environ.pop(name.encode(), None)


def set_limits(limits: dict[str, int]) -> None:
    """Lower the limits of this process for good, before anything of the program has run."""
    import resource

    address_space = limits.pop("address_space", 0)
    if address_space:
        try:
            with open("/proc/self/statm", "rb") as file:
                address_space += int(file.read().split()[0]) * resource.getpagesize()
        except OSError:  # no /proc: not Linux
            address_space += 1 << 30
        limits["AS"] = limits["DATA"] = address_space
    for name, value in limits.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is None:
            continue
        hard = resource.getrlimit(number)[1]
        upper = value + 1 if name == "CPU" else value
        if hard != resource.RLIM_INFINITY:
            upper = min(upper, hard)
        resource.setrlimit(number, (min(value, upper), upper))


if __name__ == "__main__":
    main()

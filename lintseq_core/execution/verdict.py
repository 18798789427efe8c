"""The closed set of outcomes of a test, and the two scales that say what an outcome is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum


class Verdict(StrEnum):
    """How a sample ended; one each. Only `passed` counts as solved."""

    PASSED = "passed"
    WRONG_ANSWER = "wrong_answer"
    EXCEPTION = "exception"
    SYNTAX_ERROR = "syntax_error"
    EXITED_EARLY = "exited_early"
    TIMEOUT_CPU = "timeout_cpu"
    TIMEOUT_WALL = "timeout_wall"
    MEMORY = "memory"
    OUTPUT_LIMIT = "output_limit"
    DISK_LIMIT = "disk_limit"
    CRASHED = "crashed"
    NO_CALLS = "no_calls"
    TAMPERED = "tampered"
    PROTOCOL_VIOLATION = "protocol_violation"
    JUDGE_LIMIT = "judge_limit"
    HARNESS_ERROR = "harness_error"
    """Ours, not the program's: retried, then the run stops. Never a zero."""


TIMEOUTS = frozenset({Verdict.TIMEOUT_CPU, Verdict.TIMEOUT_WALL})


class Flag(StrEnum):
    """What a reader of a verdict should know beside it."""

    FLAKY = "flaky"
    """The first run timed out, the run alone at the end decided otherwise."""
    FALLBACK = "fallback"
    """Decided beside the tests (I1), because a value could not cross as data."""
    OPAQUE_VALUE = "opaque_value"
    """The value that could not cross came from the program or went into it."""
    REFERENCE_FAILED = "reference_failed"
    """The program timed out at first, and the reference solution, which should have measured how
    much time it may take, does not pass here."""


class Isolation(IntEnum):
    """What a program can reach."""

    BARE = 0
    """L0: a process like any other. No promise."""
    LIMITS = 1
    """L1: limits, own session, clean environment, scratch folder. Against accidents only."""
    KERNEL = 2
    """L2: L1, and the kernel refuses files outside, network and signals out."""
    BOX = 3
    """L3: namespaces of its own, minimal file system, system call filter, no capabilities."""
    OTHER_KERNEL = 4
    """L4: another kernel or machine; outlives a hole in this one."""

    def __str__(self) -> str:
        return f"L{self.value}"


class Integrity(IntEnum):
    """Who decides the verdict."""

    SELF_REPORT = 0
    """I0: the process of the program says so itself."""
    IN_PROCESS = 1
    """I1: tests run beside the program; nonce, exact count and canary expose generic tricks."""
    SPLIT = 2
    """I2: tests run elsewhere; only data crosses, the program never sees what is expected."""

    def __str__(self) -> str:
        return f"I{self.value}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one sample, and what it cost."""

    verdict: Verdict
    detail: str = ""
    """One printable line: the error, the limit, the signal."""
    integrity: Integrity = Integrity.SPLIT
    flags: tuple[Flag, ...] = ()
    cpu_s: float = 0.0
    """CPU seconds of the whole tree, its start included."""
    wall_s: float = 0.0
    tested: str = ""
    """Of `Tests.each`: "1" for each test that passed, "0" for each that failed, as far as they got;
    "" if that is not known."""

    def flagged(self, *flags: Flag) -> Outcome:
        """The same outcome with `flags` added, each once."""
        return replace(self, flags=(*self.flags, *(f for f in flags if f not in self.flags)))


def printable(text: str, width: int = 300) -> str:
    """`text` as one line of at most `width` printable characters."""
    line = "".join(c if c.isprintable() else " " for c in text[: 4 * width])
    line = " ".join(line.split())
    return line if len(line) <= width else line[: width - 1] + "…"

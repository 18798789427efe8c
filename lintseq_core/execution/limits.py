"""What one test may use; CPU time decides, wall time only catches programs that sleep."""

from __future__ import annotations

from dataclasses import dataclass

MIB, GIB = 1 << 20, 1 << 30

DEFAULT_CPU_S = 4.0
REFERENCE_FACTOR = 4.0
"""A solution may take this many times the reference's time, if that is more than the default."""
_STARVED_FACTOR = 10.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one box. Sizes are bytes; all hold for the whole process tree unless said."""

    cpu_s: float = DEFAULT_CPU_S
    wall_s: float | None = None
    """None: three times the CPU limit and two seconds, and more for what a busy machine starves."""
    memory_bytes: int = 2 * GIB
    """Also the address space of each process, beyond what the interpreter starts with."""
    output_bytes: int = 16 * MIB
    """Standard output and error together; a program that writes more is ended."""
    kept_bytes: int = MIB
    """How much of the head and of the tail of each stream is kept."""
    disk_bytes: int = 64 * MIB
    """Of the working directory with /tmp; also the longest file."""
    shared_memory_bytes: int = 16 * MIB
    files: int = 20_000
    processes: int = 64
    descriptors: int = 256
    """Open ones, each process."""
    stack_bytes: int = 64 * MIB

    @property
    def wall_limit_s(self) -> float:
        """Seconds by the clock after which a program that waits is ended."""
        return 3 * self.cpu_s + 2 if self.wall_s is None else self.wall_s

    @property
    def longest_wall_s(self) -> float:
        """The same for a program that computes all the time, or would if a processor were free."""
        return _STARVED_FACTOR * self.wall_limit_s if self.wall_s is None else self.wall_s


JUDGE_LIMITS = Limits(cpu_s=60.0, memory_bytes=4 * GIB)
"""Of one test in the judge: room for any honest comparison, an end to a hostile one.

The tests of MBPP+ run the reference too; that of Mbpp/599 takes 15 s of CPU time."""

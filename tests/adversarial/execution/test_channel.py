"""Whatever a program writes where the harness reads: a verdict, in time, and never a pass.

The answers that the tests ask for are numbers that nobody can guess, so no byte at random is right.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import psutil
import pytest

from lintseq_core.benchmarks.problem import Tests
from lintseq_core.execution.backends import Backend, IsolationError
from lintseq_core.execution.backends.ending import Ending
from lintseq_core.execution.harness.judging import JudgeBox
from lintseq_core.execution.inside import protocol
from lintseq_core.execution.inside.carrier import exit_status
from lintseq_core.execution.inside.streams import Unpacker
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.oracle import decide
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation, Verdict

SECRET = random.SystemRandom().getrandbits(128)
LIMITS = Limits(cpu_s=1.0, wall_s=1.5, memory_bytes=1 << 29)
JUDGE = Limits(cpu_s=5.0, wall_s=10.0, memory_bytes=1 << 30)
TESTS = {
    "split": Tests("split", f"assert solve(1) == {SECRET}\n", entry_points=("solve",)),
    "in_process": Tests("in_process", f"assert solve(1) == {SECRET}\n", entry_points=("solve",)),
    "stdio": Tests("stdio", cases=(("1\n", f"{SECRET}\n"),)),
}
LONGEST_S = 30.0
"""By the clock, with every other program on the same machine: what takes longer hangs."""

PROGRAM = """
import os, time
PIECES, WHERE, PAUSE_S, FOREVER, THEN = {parts!r}
def say():
    for piece in PIECES:
        for descriptor in WHERE:
            try:
                left = memoryview(piece)
                while left:
                    left = left[os.write(descriptor, left):]
            except OSError:
                continue
        if PAUSE_S:
            time.sleep(PAUSE_S)
def everything():
    say()
    while FOREVER:
        say()
    if THEN == "sleep":
        time.sleep(1000)
    if THEN == "leave":
        os._exit(0)
if {at_once}:
    everything()
def solve(value):
    everything()
    return value
"""


@dataclass(frozen=True)
class Noise:
    """A program that writes what it should not, and the kind of test that reads it."""

    kind: str
    source: str
    what: str


KINDS = [bytes([letter]) for letter in b"HJREVXOCTGDNI"]
ANSWERS = (protocol.VALUE, protocol.RAISED, protocol.OPAQUE)
NUMBERS = [
    "-1",
    "0",
    "28",
    "9" * 5000,
    "\u0661\u0662",
    "1e999",
    "nan",
    "0x" + "f" * 6000,
    "1_0",
    "",
]
SCRAPS = [
    b"null", b"[", b"{", b'{"i":"0x', b'{"d":[[1,2],[1,2]]}', b"NaN", b"1e999", b'{"f":"inf"}',
    b"[[1],null]", b'{"s":[[]]}', b"\0", b"\xff\xfe", b'"\\ud800"', b'{"r":[0,1,0]}', b"9" * 5000,
    b"[" * 70_000, b'{"t":[' * 70 + b"]}" * 70, b'{"i":"0x' + b"f" * 6000 + b'"}',
]  # fmt: skip


def body(rng: random.Random) -> bytes:
    """What could stand in a frame."""
    choice = rng.randrange(4)
    if choice == 0:
        return rng.randbytes(rng.randrange(80))
    if choice == 1:
        words = ("raised", "syntax", "exited", "OSError", "MemoryError", "no data", "passed", "")
        number = rng.choice(NUMBERS)
        return "\0".join([*rng.choices(words, k=rng.randrange(1, 5)), number, "text"]).encode()
    if choice == 2:
        return b"".join(rng.choices(SCRAPS, k=rng.randrange(1, 4)))
    value = protocol.encode([rng.getrandbits(rng.choice((8, 64, 20_000))), None])
    place = rng.randrange(len(value))
    return value[:place] + rng.randbytes(rng.randrange(2)) + value[place + rng.randrange(2) :]


def frame(rng: random.Random) -> bytes:
    """A frame, or what could be taken for one."""
    kind, content = rng.choice((*KINDS, *ANSWERS * 4)), body(rng)
    choice = rng.randrange(8)
    if choice == 0:
        return rng.randbytes(rng.randrange(1, 40))
    if choice == 1:  # of a length that cannot be, or that nothing comes up to
        length = rng.choice((0, 1 << 31, (1 << 32) - 1, protocol.MAX_FRAME + 1, len(content) + 9))
        return length.to_bytes(4, "big") + kind + content
    if choice == 2:  # cut off
        whole = protocol.framed(kind, content)
        return whole[: rng.randrange(1, len(whole) + 1)]
    return protocol.framed(kind, content)


def noise(seed: int) -> Noise:
    """The program of this number."""
    rng = random.Random(seed)
    pieces = [frame(rng) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    if rng.random() < 0.3:
        pieces = [b"".join(pieces)]
    where: tuple[int, ...] = tuple(range(3, 64))
    pause_s, forever, then = 0.0, False, rng.choice(("go on", "go on", "leave", "sleep"))
    if then == "sleep" and rng.random() < 0.8:
        then = "go on"
    what = "frames"
    if rng.random() < 0.04:
        what, forever = "never-ending", True
        where = rng.choice((where, (1,), (2,), (1, 2, *where)))
        pause_s = rng.choice((0.0, 0.001))
    elif rng.random() < 0.04:
        what, pause_s = "slow", 0.01
        pieces = [bytes([byte]) for byte in b"".join(pieces)[:500]]
    parts = (pieces, where, pause_s, forever, then)
    source = PROGRAM.format(parts=parts, at_once=rng.random() < 0.3)
    return Noise(rng.choice(("split", "split", "split", "in_process", "stdio")), source, what)


HONEST = f"def solve(value):\n    return {SECRET}\n"


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    yield backend
    backend.close()


def judged(backend: Backend, seeds: range) -> Counter[tuple[str, str]]:
    """How many programs of these numbers got which verdict, an honest one after every twenty."""
    found: Counter[tuple[str, str]] = Counter()
    judge = JudgeBox(backend, JUDGE)
    try:
        for seed in seeds:
            program = noise(seed)
            began = time.monotonic()
            outcome = decide(program.source, TESTS[program.kind], LIMITS, backend, judge)
            assert time.monotonic() - began < LONGEST_S, seed
            assert outcome.verdict not in (Verdict.PASSED, Verdict.HARNESS_ERROR), (seed, outcome)
            assert outcome.detail.isprintable() and len(outcome.detail) <= 300, (seed, outcome)
            found[program.what, str(outcome.verdict)] += 1
            if seed % 20 == 0:
                roomy = replace(LIMITS, cpu_s=4.0, wall_s=30.0)
                honest = decide(HONEST, TESTS["split"], roomy, backend, judge)
                assert honest.verdict is Verdict.PASSED, (seed, honest)
    finally:
        judge.stop()
    return found


def fuzzed(backend: Backend, count: int) -> Counter[tuple[str, str]]:
    """The same for the first `count` programs, three at a time, and nothing of them left."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    descriptors = psutil.Process().num_fds()
    with ThreadPoolExecutor(3) as threads:
        parts = [range(start, count, 3) for start in range(3)]
        found = sum(threads.map(lambda seeds: judged(backend, seeds), parts), Counter())
    children = psutil.Process().children(recursive=True)
    assert [child for child in children if child.pid not in before] == []
    assert psutil.Process().num_fds() <= descriptors
    assert found.total() == count
    return found


def test_whatever_a_program_sends_gets_a_verdict_and_never_a_pass(backend: Backend) -> None:
    found = fuzzed(backend, 90)
    assert {what for what, _ in found} == {"frames", "slow", "never-ending"}
    assert {verdict for _, verdict in found} >= {"protocol_violation", "timeout_wall"}


@pytest.mark.full
@pytest.mark.timeout(0)
def test_ten_thousand_programs_of_noise_get_a_verdict_and_never_a_pass(backend: Backend) -> None:
    found = fuzzed(backend, 10_000)
    for (what, verdict), count in sorted(found.items()):
        print(f"{what:<14}{verdict:<20}{count:>6}")


def test_whatever_comes_from_a_container_is_pieces_or_none() -> None:
    for seed in range(2000):
        rng = random.Random(seed)
        try:
            pieces = Unpacker().feed(rng.randbytes(rng.randrange(40)) * rng.randrange(1, 4))
        except ValueError:
            continue
        assert all(len(stream) == 1 for stream, _ in pieces)


TOLD = [b"", b"0", b"9" * 5000 + b" 0.1 ", b"0 nan ", b"0 inf ", b"0 1e999 ", b"0 -1 ",
        b"0 0.100 passed_not", b"x 0.100 ", b"0 0.100 memory more", b"\xff\xfe 0.1 ", b"0  ",
        "\u0661 \u0662.0 ".encode(), b"0 " + b"9" * 400 + b".0 "]  # fmt: skip


@pytest.mark.parametrize("told", TOLD)
def test_an_end_that_a_container_tells_wrongly_is_an_end_by_force(told: bytes) -> None:
    cleaned: list[int] = []
    ending = Ending(lambda: cleaned.append(1))
    os.write(ending.writing, told)
    assert ending.told() is None
    os.close(ending.writing)
    ending.close()
    assert cleaned == [1]
    assert 0 <= exit_status(told) < 256


def test_an_end_that_a_container_tells_is_taken() -> None:
    ending = Ending()
    os.write(ending.writing, b"7 0.250 timeout_cpu")
    told = ending.told()
    assert told is not None and (told.cpu_s, told.verdict) == (0.25, "timeout_cpu")
    assert exit_status(b"7 0.250 timeout_cpu") == 7
    os.close(ending.writing)
    ending.close()

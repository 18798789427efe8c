"""Summarise a service log: how many lines per level, which requests are slow.

Run it with the path of a log file, or without one to see it work on a sample.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from statistics import mean

SAMPLE = """\
09:00:01 INFO server started
09:00:04 INFO GET /index took 35 ms
09:00:09 INFO GET /search took 410 ms
09:00:09 WARNING cache is 91% full
09:00:15 INFO GET /index took 41 ms
this line was cut off by a
09:01:02 ERROR GET /export failed after 3000 ms
09:01:40 NOTICE log level changed
09:02:11 INFO GET /search took 655 ms
"""

LINE = re.compile(r"(?P<time>\d\d:\d\d:\d\d) (?P<level>[A-Z]+) (?P<text>.+)")
REQUEST = re.compile(r"GET (?P<path>\S+) (?:took|failed after) (?P<ms>\d+) ms")


class Level(IntEnum):
    INFO = 1
    WARNING = 2
    ERROR = 3


class BadLine(ValueError):
    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")


@dataclass(frozen=True)
class Entry:
    time: str
    level: Level
    text: str

    @property
    def minute(self) -> str:
        return self.time.rpartition(":")[0]


def parse_line(number: int, line: str) -> Entry:
    if (found := LINE.fullmatch(line)) is None:
        raise BadLine(number, "no time and level")
    try:
        level = Level[found["level"]]
    except KeyError:
        raise BadLine(number, f"unknown level {found['level']}") from None
    return Entry(found["time"], level, found["text"])


def parse_log(lines: Iterable[str], problems: list[BadLine]) -> Iterator[Entry]:
    """Yield the entries of a log, and collect the lines that make no sense."""
    for number, line in enumerate(lines, start=1):
        try:
            entry = parse_line(number, line.rstrip("\n"))
        except BadLine as problem:
            problems.append(problem)
        else:
            yield entry


def request_times(entries: Iterable[Entry]) -> dict[str, list[int]]:
    times: dict[str, list[int]] = {}
    for entry in entries:
        if request := REQUEST.search(entry.text):
            times.setdefault(request["path"], []).append(int(request["ms"]))
    return times


def print_levels(entries: list[Entry]) -> None:
    counts = Counter(entry.level for entry in entries)
    for level in sorted(Level, reverse=True):
        print(f"{level.name:<8}{counts[level]:>3}")


def print_timeline(entries: list[Entry], width: int = 30) -> None:
    counts = Counter(entry.minute for entry in entries)
    busiest = max(counts.values(), default=1)
    for minute, count in sorted(counts.items()):
        print(f"{minute} {'*' * round(width * count / busiest)} {count}")


def print_slowest(entries: list[Entry], top: int) -> None:
    averages = {path: mean(times) for path, times in request_times(entries).items()}
    ranking = sorted(averages.items(), key=lambda pair: pair[1], reverse=True)
    for path, average in ranking[:top]:
        print(f"{path:<10}{average:>7.1f} ms")


def level_named(name: str) -> Level:
    if name.upper() not in Level.__members__:
        raise argparse.ArgumentTypeError(f"choose from {', '.join(Level.__members__)}")
    return Level[name.upper()]


def read_lines(path: str | None) -> list[str]:
    if path is None:
        return SAMPLE.splitlines()
    with open(path, encoding="utf-8") as log:
        return log.readlines()


def main() -> int:
    parser = argparse.ArgumentParser(description="Summarise a service log.")
    parser.add_argument("path", nargs="?", help="log file (default: a sample)")
    parser.add_argument("--top", type=int, default=2, help="slow paths to list")
    parser.add_argument("--level", type=level_named, default=Level.INFO)
    parser.add_argument("--quiet", action="store_true", help="hide bad lines")
    args = parser.parse_args()

    try:
        lines = read_lines(args.path)
    except OSError as error:
        print(f"cannot read the log: {error}", file=sys.stderr)
        return 1

    problems: list[BadLine] = []
    entries = [
        entry for entry in parse_log(lines, problems) if entry.level >= args.level
    ]
    print_levels(entries)
    print_timeline(entries)
    print_slowest(entries, args.top)
    if problems and not args.quiet:
        print(*problems, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

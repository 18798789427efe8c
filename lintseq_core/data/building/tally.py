"""What became of the rows of a source: counts in, counts out, drops by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lintseq_core.data.building.items import Drop, Made
from lintseq_core.data.counts import Counts

EXAMPLES_PER_KIND = 5
_MESSAGE_WIDTH = 200


@dataclass(slots=True)
class BuildTally:
    """Sums over rows; `merge` gives the same result in every grouping, but for `cpu_s`."""

    rows_read: int = 0
    counts: Counts = field(default_factory=Counts)
    drops: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """For each kind of drop, the first rows: 1-based row number and message."""
    unused: Counter[str] = field(default_factory=Counter)
    """Rows by what they hold that the data set does not: filled fields, a system's turn."""
    cpu_s: float = 0.0
    """CPU seconds of the worker processes."""

    def add(self, item: Made | Drop) -> None:
        """Count one row more."""
        self.rows_read += 1
        if isinstance(item, Made):
            self.counts.add(item.counts)
            self.unused.update(item.unused)
            return
        self.drops[item.kind] += 1
        found = self.examples.setdefault(item.kind, [])
        if len(found) < EXAMPLES_PER_KIND:
            found.append((item.index + 1, item.message[:_MESSAGE_WIDTH]))

    def merge(self, other: BuildTally) -> None:
        """Add what `other` counted."""
        self.rows_read += other.rows_read
        self.counts.merge(other.counts)
        self.drops.update(other.drops)
        self.unused.update(other.unused)
        self.cpu_s += other.cpu_s
        for kind, examples in other.examples.items():
            both = sorted([*self.examples.get(kind, []), *examples])
            self.examples[kind] = both[:EXAMPLES_PER_KIND]

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe, read back by `from_dict`."""
        return {
            "rows_read": self.rows_read,
            "counts": self.counts.to_dict(),
            "drops": {kind: self.drops[kind] for kind in sorted(self.drops)},
            "examples": {kind: self.examples[kind] for kind in sorted(self.examples)},
            "unused": {name: self.unused[name] for name in sorted(self.unused)},
            "cpu_s": self.cpu_s,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> BuildTally:
        """What `to_dict` wrote."""
        examples = record["examples"].items()
        return cls(
            rows_read=record["rows_read"],
            counts=Counts.from_dict(record["counts"]),
            drops=Counter(record["drops"]),
            examples={kind: [(row, said) for row, said in rows] for kind, rows in examples},
            unused=Counter(record.get("unused", {})),
            cpu_s=record["cpu_s"],
        )

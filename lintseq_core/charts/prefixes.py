"""Where the samples of a task part ways, edit by edit: the numbers behind the prefix tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lintseq_core.results.frames import Frame, frame_of

MAX_NODES = 600  # more cannot be told apart


@dataclass(frozen=True, slots=True)
class Prefix:
    """Samples that have come to the same program by the same states."""

    parent: int
    """Index of the node before it; -1 for the root, the empty program."""
    n_edits: int
    added: str
    """The first line that the edit adds; "" for the root or an edit that adds none."""
    samples: tuple[int, ...]
    """Positions of the samples that go through it."""
    n_ended: int
    """How many of them end here."""
    n_passed: int | None
    """How many of them pass all tests in the end; None where that is not known of all."""

    @property
    def pass_rate(self) -> float | None:
        """Of the samples that go through it; None where it is not known."""
        return None if self.n_passed is None else self.n_passed / len(self.samples)


def prefix_tree(
    states: Sequence[Sequence[str]], passes: Sequence[bool | None]
) -> tuple[Prefix, ...]:
    """The tree of samples by their `states` (the empty program first), parents before children.

    `passes`: whether each sample passes all tests in the end, None where it is not known. Nodes
    beyond MAX_NODES are left out, deep ones first.
    """
    nodes: list[Prefix] = []
    waiting = [(-1, 0, tuple(range(len(states))))] if states else []
    while waiting and len(nodes) < MAX_NODES:
        parent, depth, samples = waiting.pop(0)
        told = [passes[sample] for sample in samples]
        going = [sample for sample in samples if len(states[sample]) > depth + 1]
        first = states[samples[0]]
        nodes.append(
            Prefix(
                parent,
                depth,
                _added(first[depth - 1], first[depth]) if depth else "",
                samples,
                len(samples) - len(going),
                None if None in told else sum(map(bool, told)),
            )
        )
        branches: dict[str, list[int]] = {}
        for sample in going:
            branches.setdefault(states[sample][depth + 1], []).append(sample)
        for together in sorted(branches.values(), key=lambda each: (-len(each), each)):
            waiting.append((len(nodes) - 1, depth + 1, tuple(together)))
    return tuple(nodes)


def prefix_frame(tree: Sequence[Prefix]) -> Frame:
    """node, parent, edits, adds, samples, end_here, pass: a row a node; samples from 1."""
    rows = [
        {
            "node": at,
            "parent": node.parent,
            "edits": node.n_edits,
            "adds": node.added,
            "samples": " ".join(str(sample + 1) for sample in node.samples),
            "end_here": node.n_ended,
            "pass": node.n_passed,
        }
        for at, node in enumerate(tree)
    ]
    return frame_of(rows, ("node", "parent", "edits", "adds", "samples", "end_here", "pass"))


def decisive_edits(tree: Sequence[Prefix]) -> Iterator[tuple[int, int]]:
    """(node, child) where samples that could still pass part from some that never do."""
    for at, node in enumerate(tree):
        if node.parent >= 0 and node.n_passed == 0 and (tree[node.parent].n_passed or 0) > 0:
            yield node.parent, at


def _added(before: str, after: str) -> str:
    """The first line that `after` has and `before` has not."""
    old = before.split("\n")
    for number, line in enumerate(after.split("\n")):
        if number >= len(old) or old[number] != line:
            return line.strip() or "(a blank line)"
    return ""

"""Switch off one mechanism after the other: which cases notice?

Run by `make mutate`. Prints case, verdict with everything on, verdict with one mechanism off, and
ends with 1 if a mechanism can be switched off without any case turning red. A mechanism that no case
needs is a mechanism that could be lost without anybody knowing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from lintseq_core.execution.backends import MECHANISMS, Bwrap
from lintseq_core.execution.verdict import Outcome
from tests.adversarial.execution.suite import Case, Runner, read_cases, surroundings

# What a case would do to the processes of whoever runs this, if the namespace were off and the
# program had the same user.
HARMFUL_WITHOUT = {"pid": {"56b_kill_everything"}, "user": {"56b_kill_everything"}}
SPLIT = "split"


def main() -> int:
    asked_for = sys.argv[1:] or [*MECHANISMS, SPLIT]
    cases = list(read_cases().values())
    unnoticed = []
    with surroundings() as asked:
        before = _outcomes(frozenset(), cases, asked)
        red = [case.name for case in cases if not _fits(case, before[case.name])]
        print(f"everything on: {len(cases)} cases, {len(red)} red {' '.join(red)}", flush=True)
        for mechanism in asked_for:
            skipped = HARMFUL_WITHOUT.get(mechanism, set()) if os.geteuid() else set()
            chosen = [case for case in cases if case.name not in skipped]
            after = _outcomes(frozenset({mechanism}), chosen, asked)
            changed = [
                c for c in chosen if _fits(c, before[c.name]) and not _fits(c, after[c.name])
            ]
            print(f"\nwithout {mechanism}: {len(changed)} red", flush=True)
            for case in changed:
                old, new = before[case.name].verdict, after[case.name].verdict
                print(f"  {case.name:<34} {old:<20} {new}", flush=True)
            if not changed:
                unnoticed.append(mechanism)
    print(
        f"\n{len(asked_for)} mechanisms switched off, unnoticed: {', '.join(unnoticed) or 'none'}"
    )
    return 1 if unnoticed or red else 0


def _outcomes(
    without: frozenset[str], cases: list[Case], asked: dict[str, object]
) -> dict[str, Outcome]:
    backend = Bwrap(without=without - {SPLIT})
    try:
        kind = "in_process" if SPLIT in without else None
        return Runner(backend, asked, kind).run_all(cases)
    finally:
        backend.close()


def _fits(case: Case, outcome: Outcome) -> bool:
    return (
        outcome.verdict in case.verdicts
        and case.detail in outcome.detail
        and set(case.flags) <= set(map(str, outcome.flags))
    )


if __name__ == "__main__":
    sys.exit(main())

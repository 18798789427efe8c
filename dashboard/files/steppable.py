"""What the visitor brought that is stepped through as edit sequences: programs and sequences."""

from __future__ import annotations

from dataclasses import dataclass, field

from dashboard.files.brought import TRAJECTORIES
from dashboard.files.samples import load_sequences_of, stamped
from dashboard.files.workbench import brought, used_on
from lintseq_core import EditSequence, LintSeqError, Program

MAX_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Steppable:
    """Programs and edit sequences by the name of their file, and what could not be read."""

    programs: dict[str, Program] = field(default_factory=dict)
    sequences: dict[str, tuple[EditSequence, ...]] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def own_steppable() -> Steppable:
    """The visitor's own; what the server was started on is read by `given`."""
    programs: dict[str, Program] = {}
    sequences: dict[str, tuple[EditSequence, ...]] = {}
    faults: list[str] = []
    for file in used_on(brought(), TRAJECTORIES):
        if not file.is_own:
            continue
        try:
            if file.kind == "programs":
                programs[file.name] = Program.from_bytes(file.path.read_bytes(), file.name)
                continue
            rows, bad = stamped(load_sequences_of, file.path, file.name)
        except (LintSeqError, OSError) as error:
            faults.append(str(error))
        else:
            faults += bad[:MAX_FAULTS]
            if rows:
                sequences[file.name] = rows
    return Steppable(programs, sequences, tuple(faults))

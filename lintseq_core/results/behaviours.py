"""What each sample did on each test, from results that were made with `--each-test`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.sample import Sample

Behaviours = Mapping[str, Mapping[int, tuple[str, str]]]
"""By task_id and sample_id: the digits of the tests that were run, and the verdict."""


def read_behaviours(results: Iterable[Sample]) -> Behaviours:
    """What `results` say of each sample; FormatError for a row that does not say it."""
    found: dict[str, dict[int, tuple[str, str]]] = {}
    for row in results:
        tests = row.extra.get("tests")
        if not isinstance(tests, str) or set(tests) - {"0", "1"} or row.verdict is None:
            what = "does not say which tests passed"
            raise FormatError(Fault(row.place, what, "evaluate with --each-test"))
        found.setdefault(row.task_id, {})[row.sample_id] = (tests, row.verdict)
    return found


def outcomes_of(
    behaviours: Behaviours, task_id: str, sample_ids: Iterable[int]
) -> list[tuple[str, ...]] | None:
    """One tuple a sample, of the same length: "1", "0", and the verdict for tests not reached.

    None where no sample of the problem reached a test; FormatError for a sample without a row.

    >>> outcomes_of({"a": {0: ("110", "wrong_answer"), 1: ("1", "timeout_cpu")}}, "a", [0, 1])
    [('1', '1', '0'), ('1', 'timeout_cpu', 'timeout_cpu')]
    """
    rows = behaviours.get(task_id, {})
    chosen = []
    for sample_id in sample_ids:
        if sample_id not in rows:
            what = f"the results have no row for sample_id {sample_id} of {task_id}"
            raise FormatError(Fault("", f"{what}: are they of these samples?"))
        chosen.append(rows[sample_id])
    length = max((len(tests) for tests, _ in chosen), default=0)
    if not length:
        return None
    return [(*tests, *[verdict] * (length - len(tests))) for tests, verdict in chosen]

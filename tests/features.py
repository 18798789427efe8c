"""Which feature which test holds up: `pytest --features FILE` writes the table after the run.

A test belongs to a feature by its marker, `feature("Trajectories")`, on itself or on its module; the
marker nearest to the test counts. A test's name is its promise, so the table repeats the names as
sentences.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

_WORDS = {"passed": "passes", "failed": "FAILS", "skipped": "skipped", "xfailed": "known fault"}
_HEAD = """# What the explorer does, and the test that shows it

Written by `make features` from the markers of the tests: not by hand. {total} promises, {kept} kept.
"""


class Features:
    """Collects one result a test, the worst of its cases."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._results: dict[tuple[str, str, str], set[str]] = defaultdict(set)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            marker = item.get_closest_marker("feature")
            if marker is not None:
                item.user_properties.append(("feature", marker.args[0]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        feature = dict(report.user_properties).get("feature")
        if feature is None or (report.when != "call" and report.outcome == "passed"):
            return
        file, _, name = report.nodeid.partition("::")
        outcome = "xfailed" if hasattr(report, "wasxfail") else report.outcome
        self._results[feature, file, name.partition("[")[0]].add(outcome)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._results and not hasattr(session.config, "workerinput"):
            self._path.write_text(self._table(), encoding="utf-8", newline="\n")

    def _table(self) -> str:
        rows: dict[str, list[str]] = defaultdict(list)
        kept = 0
        for (feature, file, name), outcomes in sorted(self._results.items()):
            worst = next(
                one for one in ("failed", "xfailed", "skipped", "passed") if one in outcomes
            )
            kept += worst == "passed"
            sentence = name.removeprefix("test_").replace("_", " ")
            rows[feature].append(f"| {sentence} | `{Path(file).name}` | {_WORDS[worst]} |\n")
        parts = [_HEAD.format(total=len(self._results), kept=kept)]
        for feature, lines in rows.items():
            parts.append(f"\n## {feature}\n\n| promise | test | result |\n|---|---|---|\n")
            parts += lines
        return "".join(parts)

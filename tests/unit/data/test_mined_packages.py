"""The list of packages in assets/datasets, and the report of the run over it, agree."""

from __future__ import annotations

import json
import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lintseq_core.data.mining.licences import PERMISSIVE, is_allowed
from lintseq_core.data.mining.mined_set import REASONS

FOLDER = Path(__file__).resolve().parents[3] / "assets" / "datasets"
REPORT = json.loads((FOLDER / "mined.jsonl.report.json").read_text("utf-8"))


def listed() -> list[tuple[str, str]]:
    """(name, version) of the list, in its order."""
    found = []
    for line in (FOLDER / "mined_packages.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        text, _, digest = line.partition(" --hash=sha256:")
        assert re.fullmatch("[0-9a-f]{64}", digest), line
        requirement = Requirement(text)
        (version,) = requirement.specifier
        assert version.operator == "=="
        found.append((canonicalize_name(requirement.name), version.version))
    return found


def test_the_report_is_of_the_listed_versions_and_the_standard_library() -> None:
    reported = [(canonicalize_name(one["package"]), one["version"]) for one in REPORT["packages"]]
    assert sorted(reported[:-1]) == sorted(listed())
    assert reported[-1] == ("python", REPORT["versions"]["python"])


def test_ten_thousand_rows_come_from_permissive_packages_alone() -> None:
    assert len(listed()) >= 10
    assert sum(one["rows"] for one in REPORT["packages"]) == REPORT["output"]["rows"]
    assert sum(one["rows"] for one in REPORT["packages"] if one["package"] != "python") >= 10_000
    assert all(is_allowed(one["licence"], PERMISSIVE) for one in REPORT["packages"])
    assert all(one["rows"] >= 10 for one in REPORT["packages"])


def test_every_reason_of_the_report_has_its_meaning_and_every_definition_is_accounted_for() -> None:
    left_out = REPORT["left_out"]
    assert {reason: one["meaning"] for reason, one in left_out.items()} == {
        reason: REASONS[reason] for reason in left_out
    }
    of_definitions = sum(
        one["count"]
        for reason, one in left_out.items()
        if not reason.startswith(("file_", "licence_"))
    )
    defined = sum(one["definitions"] for one in REPORT["packages"])
    assert defined == of_definitions + REPORT["output"]["rows"]


def test_the_page_says_what_the_report_says() -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    assert f"{REPORT['output']['rows']:,} rows" in page
    assert REPORT["output"]["sha256"] in page
    rows = re.findall(
        r"^\| (\S+) \| (\S+) \| ([^|]+) \| ([\d,]+) \| ([\d,]+) \|$", page, re.MULTILINE
    )
    assert [
        (name, version, licence, int(defined.replace(",", "")), int(count.replace(",", "")))
        for name, version, licence, defined, count in rows
    ] == [
        (one["package"], one["version"], one["licence"], one["definitions"], one["rows"])
        for one in sorted(
            REPORT["packages"], key=lambda one: (-one["rows"], one["package"].lower())
        )
    ]

"""The public names, written down: one comes or goes on purpose, here and in docs/reference.md."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from functools import reduce
from pathlib import Path

import pytest

import lintseq_core
from dashboard.shared.calls import value

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
DASHBOARD = sorted((ROOT / "dashboard").rglob("*.py"))

PUBLIC = """
    LINTER_NAMES Closure EditParseError EditSequence Fault Finding Hunk LintSeqError Linter
    LinterFailure LinterUnavailable ParsedEdits Program RecordError SamplingConfig SourceError
    apply_edits closure extract_definition get_linter parse_edits path_rng sample_lintseq
    sample_path sample_paths sample_randseq
"""

# Modules that the documentation has a reader import from, as the table of docs/reference.md.
DOCUMENTED = {
    "lintseq_core.data.scale":
        "EditSequences RowReader RowWriter dedup_pipelines edit_pipeline",
    "lintseq_core.data.settings": "BuildSettings",
    "lintseq_core.edits": "Dependent Drawn Edit FromFinding Leftover Reason",
    "lintseq_core.edits.legal": "LegalEdit legal_edits",
    "lintseq_core.generation.request": "GenerationRequest run_model",
    "lintseq_core.generation.server_backend": "load_server",
    "lintseq_core.generation.steps": "EditStep SampleEnd",
    "lintseq_core.generation.trace_reading": "read_trace",
    "lintseq_core.metrics.trajectory": "measure_trajectory states_of",
    "lintseq_core.models.load": "load_model",
    "lintseq_core.models.pocket.folder": "load_pocket",
    "lintseq_core.results.record": "read_record record_path",
    "lintseq_core.results.store": "list_runs save_run",
    "lintseq_core.viewer": "PlayerWidget PredictWidget",
    "lintseq_core.viewer.lab": "TrajectoryLab",
    "lintseq_core.viewer.widget": "PlayerWidget",
}  # fmt: skip

# What a script of the explorer imports: one that a reader kept must still run.
HANDED_OUT = {
    "lintseq_core.charts.alignment": "alignment_figure",
    "lintseq_core.charts.birth_order": "birth_order_figure",
    "lintseq_core.charts.dependencies": "read_dependencies",
    "lintseq_core.charts.diversity": "plane_figure plane_points similarity_figure",
    "lintseq_core.charts.diversity_gain": "gain_figure gain_points",
    "lintseq_core.charts.edit_sizes": "edit_sizes_figure",
    "lintseq_core.charts.estimators": "estimators_figure",
    "lintseq_core.charts.forecast": "forecast_figure rate_figure",
    "lintseq_core.charts.format_cost": "format_cost_figure",
    "lintseq_core.charts.orders": "edit_sizes never_after read_orders",
    "lintseq_core.charts.pass_at_k": "Place difference_figure pass_at_k_figure",
    "lintseq_core.charts.precedence": "precedence_figure",
    "lintseq_core.charts.precision": "precision_figure",
    "lintseq_core.charts.prefix_tree": "prefix_tree_figure",
    "lintseq_core.charts.prefixes": "prefix_tree",
    "lintseq_core.charts.solve_rates": "hardest_first natural_order solve_rate_figure",
    "lintseq_core.charts.theme": "DARK LIGHT",
    "lintseq_core.experiments.pocket.recorded": "recorded_formats",
    "lintseq_core.generation.trace_reading": "read_trace",
    "lintseq_core.metrics.diversity": "mean_diversity",
    "lintseq_core.metrics.planning": "plan",
    "lintseq_core.metrics.similarity": "group_numbers similarity_matrix",
    "lintseq_core.results.scores.counting": "count_results",
    "lintseq_core.results.scores.curves": "curve_frame difference_frame",
    "lintseq_core.results.paper": "published_curves",
    "lintseq_core.results.sampled": "measure_run pass_at_k_of_run",
    "lintseq_core.results.sampled_files": "read_run",
    "lintseq_core.results.scores.family": "Metric",
    "lintseq_core.results.scores.forecasts": "forecast_frame rate_frame",
    "lintseq_core.results.scores.simulated": "simulate_run",
    "lintseq_core.results.samples.importing": "import_file",
    "lintseq_core.results.samples.facets": "facets_of",
    "lintseq_core.results.samples.query": "ask read_query",
    "lintseq_core.results.samples.statistics":
        "Part edit_feature_frame feature_frame histogram_frame summary_frame",
    "lintseq_core.results.samples.structure": "build_structure",
    "lintseq_core.results.samples.store": "Store",
    "lintseq_core.viewer.checks": "broken_states",
    "lintseq_core.viewer.generated": "states_of_sample",
    "lintseq_core.viewer.trace_runs": "read_trace_runs",
    "lintseq_core.viewer.traces": "read_traces",
    "lintseq_core.edits.branch": "branch",
}  # fmt: skip

# The other packages with an `__all__`: what a stage offers to the stages after it. The other
# `__init__` are empty, so that importing a stage loads none of its modules.
STAGES = {
    "lintseq_core.benchmarks": """
        BENCHMARK_NAMES PROMPT_STYLES Benchmark BenchmarkError DatasetSource Problem ProblemSet
        PromptStyle Tests get_benchmark
    """,
    "lintseq_core.edits": """
        Closure Dependent Drawn Edit EditParseError EditSequence Engine Fault FromFinding Hunk
        Leftover ParsedEdits Reason SamplingConfig apply_edits closure parse_edits sample_lintseq
        sample_path sample_paths sample_randseq
    """,
    "lintseq_core.edits.formats": """
        BORDER CLOSE DIFF_MARKER EditFormat EditFormatName EditParseError FAULT_KINDS FORMAT_NAMES
        Fault FaultKind ParsedEdits REMEDIES Remedy UNIFIED apply_edits checked_format diffed_files
        edit_texts format_remedy get_format has_hunk hunk_looks in_unified likely_format lines_of model_text parse_edits
    """,
    "lintseq_core.edits.incremental": "Analysis HandOvers IncrementalState analyse is_closed",
    "lintseq_core.execution.backends": """
        ENVIRONMENT MECHANISMS WATCHED Backend Bwrap Container IsolationError Job Launch LimitsOnly
        Told Wasm bwrap_programs limits_of_process
    """,
    "lintseq_core.lessons": "Lesson LessonError find_lessons parse_lesson read_lesson",
    "lintseq_core.linting": "LINTER_NAMES Finding Linter get_linter run_linter",
    "lintseq_core.programs": "Program extract_definition",
    "lintseq_core.viewer": """
        PlayerWidget PredictWidget build_payload build_predict_payload part player_css player_js
        predict_css predict_js script
    """,
}

STABLE = [
    (module, name)
    for listed in ({"lintseq_core": PUBLIC}, DOCUMENTED, HANDED_OUT)
    for module, names in listed.items()
    for name in names.split()
]
ALL = sorted({*STABLE, *((one, name) for one, names in STAGES.items() for name in names.split())})


def test_the_public_names_are_the_written_ones() -> None:
    assert sorted(lintseq_core.__all__) == sorted(PUBLIC.split())


def test_every_package_that_lists_its_names_lists_the_written_ones() -> None:
    listed = {
        found.name: sorted(names)
        for found in pkgutil.walk_packages(lintseq_core.__path__, "lintseq_core.")
        if found.ispkg
        and (names := getattr(importlib.import_module(found.name), "__all__", None)) is not None
    }
    assert listed == {package: sorted(names.split()) for package, names in STAGES.items()}


@pytest.mark.parametrize(("module", "name"), ALL)
def test_every_name_imports_and_says_what_it_is(module: str, name: str) -> None:
    found = getattr(importlib.import_module(module), name)
    if isinstance(found, type) or inspect.isroutine(found):
        text = found.__doc__ or ""
        assert text and not text.startswith(f"{name}("), "a dataclass without words of ours"


@pytest.mark.parametrize("name", PUBLIC.split())
def test_every_public_method_says_what_it_does(name: str) -> None:
    found = getattr(lintseq_core, name)
    silent = [
        attribute
        for attribute, value in (vars(found).items() if isinstance(found, type) else ())
        if attribute[0] != "_" and (callable(value) or isinstance(value, property | classmethod))
        if not value.__doc__
    ]
    assert silent == []


def test_no_name_needs_torch_to_be_imported() -> None:
    heavy = ("torch", "transformers", "streamlit", "vllm", "pylint", "ruff")
    imports = "\n".join(f"from {module} import {name}" for module, name in ALL)
    script = f"import sys\nsys.modules.update(dict.fromkeys({heavy!r}))\n{imports}\n"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_reference_says_what_stays() -> None:
    reference = (ROOT / "docs" / "reference.md").read_text("utf-8")
    rows = re.findall(r"^\| `(lintseq_core\.[\w.]+)` \| (.+?) \|", reference, re.MULTILINE)
    told = {module: " ".join(re.findall(r"`(\w+)`", names)) for module, names in rows}
    assert told == DOCUMENTED


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_what_a_page_imports_stays(page: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert imported("\n".join(blocks)) <= set(STABLE)


def test_what_a_script_of_the_explorer_imports_stays() -> None:
    """Those that pages name in a call; tests/dashboard looks at whole scripts."""
    used = set().union(*map(_called, DASHBOARD))
    assert ("lintseq_core", "Program") in used
    assert ("lintseq_core.charts.pass_at_k", "pass_at_k_figure") in used
    assert used - set(STABLE) == set(), "scripts of the explorer import these: add to HANDED_OUT"


def _called(page: Path) -> set[tuple[str, str]]:
    """What scripts import of ours because `page` makes a call of it; see dashboard/shared/calls."""
    tree = ast.parse(page.read_text("utf-8"))
    origins = {
        alias.asname or alias.name: (str(node.module), alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    if origins.get("call") != ("dashboard.shared.calls", "call"):
        return set()
    found: set[tuple[str, str]] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "call"
        ):
            head, *members = ast.unparse(node.args[0]).split(".")
            if head in origins and origins[head][0].startswith("lintseq_core"):
                module, name = origins[head]
                given = reduce(getattr, members, getattr(importlib.import_module(module), name))
                owner = getattr(given, "__self__", None if members else given)
                found |= value(owner).imports
    return found


def imported(text: str) -> set[tuple[str, str]]:
    """The names of ours that Python in `text` imports."""
    found = re.findall(r"^ *from (lintseq_core[\w.]*) import ([\w, ]+)", text, re.MULTILINE)
    return {
        (module, name.strip())
        for module, names in found
        for name in names.split(",")
        if name.strip()
    }

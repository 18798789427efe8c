"""Linter errors in generated programs, by kind (paper, section on low-level correctness)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lintseq_core.linting import Linter
from lintseq_core.linting.written import lint_text


@dataclass(frozen=True, slots=True)
class LintErrors:
    """What a linter finds in programs, each counted whole."""

    linter_name: str
    linter_version: str
    n_programs: int
    n_with_errors: int
    by_code: tuple[tuple[str, int, int], ...]
    """Code, programs that have it, findings; most programs first."""

    @property
    def share(self) -> float:
        """Of programs with at least one error, as the paper counts; NaN for no programs."""
        return self.n_with_errors / self.n_programs if self.n_programs else float("nan")


def count_lint_errors(programs: Iterable[str], linter: Linter) -> LintErrors:
    """Findings of `linter` in `programs`.

    >>> from lintseq_core.linting import get_linter
    >>> errors = count_lint_errors(["x = 1", "print(y + z)", "def f(:"], get_linter("pyflakes"))
    >>> errors.by_code, round(errors.share, 3)
    ((('SyntaxError', 1, 1), ('UndefinedName', 1, 2)), 0.667)
    """
    n_programs = n_with_errors = 0
    having: Counter[str] = Counter()
    n_findings: Counter[str] = Counter()
    for program in programs:
        source = program if program.endswith("\n") or not program else f"{program}\n"
        codes = [finding.code for finding in lint_text(source, linter)[1]]
        n_programs += 1
        n_with_errors += bool(codes)
        n_findings.update(codes)
        having.update(set(codes))
    kinds = sorted(having, key=lambda code: (-having[code], code))
    return LintErrors(
        linter.name,
        linter.version,
        n_programs,
        n_with_errors,
        tuple((code, having[code], n_findings[code]) for code in kinds),
    )

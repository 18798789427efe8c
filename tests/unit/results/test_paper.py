"""No published number without its source, and none from memory unless asked for."""

from __future__ import annotations

import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.results import paper

HEADER = "quantity,benchmark,model,variant,k,value,unit,flops,version,place,evidence,source,note"


def test_every_number_says_where_it_comes_from() -> None:
    numbers = paper.all_numbers()
    assert len(numbers) == 449
    for number in numbers:
        assert number.source and number.place and number.evidence and number.unit
        assert number.version in {"v1", "v3"}
        assert (number.evidence == "MEMORY") == ("from memory" in number.source)
        if number.unit == "percent":
            assert 0 <= number.value <= 100


def test_numbers_from_memory_are_never_a_reference_by_default() -> None:
    for quantity in paper.quantities():
        assert all(number.is_verified for number in paper.published(quantity))
    assert paper.published("lines per program") == ()
    (remembered,) = paper.published("lines per program", with_unverified=True)
    assert (remembered.value, remembered.evidence) == (14.0, "MEMORY")
    assert not remembered.is_verified


@pytest.mark.parametrize(
    ("wanted", "values"),
    [
        ({"model": "TinyCodeLM 150M", "variant": "LintSeqInstruct", "place": "Table 1", "version": "v3"}, [12.8, 20.6, 13.6, 24.4]),
        ({"model": "TinyCodeLM 400M", "variant": "Instruct", "place": "Table 2", "version": "v1"}, [9.6, 18.5, 15.5, 22.2]),
        ({"model": "TinyCodeLM 400M", "variant": "Instruct", "place": "Table 1", "version": "v3"}, [11.3, 18.5, 15.5, 22.2]),
        ({"model": "PolyCoder 160M"}, [2.1, 3.4]),
        ({"variant": "RandSeqInstruct", "k": 50}, [17.7, 22.0]),
        ({"benchmark": "CodeContests", "model": "Phi-3 14B", "variant": "Instruct"}, [8.4, 11.2, 14.0, 17.1, 19.1]),
        ({"place": "Figure 3", "benchmark": "HumanEval", "model": "Phi-3 3.8B", "variant": "LintSeqInstruct", "k": 50}, [86.6]),
        ({"benchmark": "DS-1000"}, []),
        ({"benchmark": "BigCodeBench"}, []),
    ],
)  # fmt: skip
def test_numbers_are_found_by_what_they_are_of(
    wanted: dict[str, object], values: list[float]
) -> None:
    assert [number.value for number in paper.published(**wanted)] == values  # type: ignore[arg-type]


@pytest.mark.parametrize("benchmark", ["HumanEval", "MBPP(+)", "CodeContests"])
@pytest.mark.parametrize("version", ["v1", "v3"])
def test_a_curve_of_one_version_is_of_one_place_and_has_each_k_once(
    benchmark: str, version: str
) -> None:
    curves: dict[tuple[str, str], list[paper.PublishedNumber]] = {}
    for one in paper.published_curves(benchmark, version):
        curves.setdefault((one.model, one.variant), []).append(one)
    assert bool(curves) == ((benchmark, version) != ("CodeContests", "v1"))
    for of_one in curves.values():
        assert {(one.benchmark, one.version) for one in of_one} == {(benchmark, version)}
        assert len({one.place for one in of_one}) == 1
        assert len({one.k for one in of_one}) == len(of_one) > 1


def test_the_figures_carry_their_flops() -> None:
    figure = paper.published(place="score against test-time FLOPs")
    assert len(figure) == 126
    assert all(number.flops and number.evidence == "DIGITIZED" for number in figure)
    ratio = {
        variant: paper.published(
            place="score against test-time FLOPs",
            benchmark="HumanEval",
            model="Gemma 2 2.6B",
            variant=variant,
            k=1,
        )[0].flops
        for variant in ("LintSeqInstruct", "Instruct")
    }
    assert (ratio["LintSeqInstruct"] or 0) / (ratio["Instruct"] or 1) == pytest.approx(
        1.29, abs=0.01
    )


def test_a_number_without_source_or_with_unknown_evidence_is_refused() -> None:
    row = "pass@k,HumanEval,m,,1,2.1,percent,,v1,Table 1,{},{},"
    with pytest.raises(LintSeqError, match="line 2: no source; add it"):
        paper.read_numbers([HEADER, row.format("SEEN", "")])
    with pytest.raises(LintSeqError, match="line 2: evidence 'GUESS'; one of SEEN, CODE"):
        paper.read_numbers([HEADER, row.format("GUESS", "x")])
    with pytest.raises(LintSeqError, match="expected the columns quantity, "):
        paper.read_numbers(["a,b"])
    with pytest.raises(LintSeqError, match="unknown quantity 'pass'; one of pass@k, "):
        paper.published("pass")

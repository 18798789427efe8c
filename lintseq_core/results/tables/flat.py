"""JSON lines whose fields are plain, parsed a block at once by pyarrow.

`FlatReader.read` returns None for a block with anything out of the ordinary: then the importer of
the format reads it row by row and decides. So nothing here has to say what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lintseq_core.execution.verdict import Verdict
from lintseq_core.results.programs import is_edit_text
from lintseq_core.results.sample import MAX_TEMPERATURE, SETTINGS
from lintseq_core.results.scores.tally import SUITE_NAMES
from lintseq_core.results.tables.rows import (
    MAX_WORD,
    UNNUMBERED,
    read_edit_text,
    short_word,
)

_OWN = "lintseq"
_TEXTS = ("completion", "solution", "prompt")
FLAT = frozenset({
    _OWN, "human-eval", "human-eval-results", "lintseq-predictions", "evalplus", "bigcodebench",
})  # fmt: skip
"""Names of the formats that this reads."""
_SOLUTION = frozenset({"evalplus", "bigcodebench"})


class _OddError(Exception):
    """A block that is to be read row by row."""


class FlatReader:
    """Reads blocks of one file; the first row says of what type its task_ids are."""

    def __init__(self, name: str, first: Mapping[str, Any]) -> None:
        import pyarrow as pa
        import pyarrow.json

        self._name = name
        text, is_number = pa.string(), isinstance(first.get("task_id"), int)
        about = [("model", text), ("temperature", pa.float64())]
        fields = [("task_id", pa.int64() if is_number else text), ("completion", text), *about]
        fields += [(one, pa.struct([("temperature", pa.float64())])) for one in SETTINGS]
        if name == _OWN:
            fields += [("solution", text), ("prompt", text), ("sample_id", pa.int64())]
            fields += [("verdict", text), ("tool_verdict", text), ("passed", pa.bool_())]
            fields += [("base_passed", pa.bool_()), ("flags", pa.list_(text))]
            fields += [("isolation", text), ("integrity", text), ("extra", pa.struct(about))]
        elif name in _SOLUTION:
            fields += [("solution", text)]
        else:
            fields += [("prompt", text)]
        if name == "human-eval-results":
            fields += [("passed", pa.bool_()), ("result", text)]
        if name in (_OWN, "human-eval-results"):
            fields += [("base_status", text), ("plus_status", text)]
        self._options = pyarrow.json.ParseOptions(
            explicit_schema=pa.schema(fields),
            newlines_in_values=False,
            unexpected_field_behavior="ignore",
        )

    def read(self, raw: bytes, number: int) -> Any:
        """The rows in `raw` as an Arrow table, the first being row `number`; None if one is odd."""
        import pyarrow as pa
        import pyarrow.json

        if b'"edit_format"' in raw:  # its edits may be in another format than the paper's
            return None
        try:
            if not raw.isascii():
                raw.decode("utf-8")
            parsed = pyarrow.json.read_json(
                pa.BufferReader(raw),
                read_options=pyarrow.json.ReadOptions(use_threads=True, block_size=len(raw) + 1),
                parse_options=self._options,
            )
            n_lines = raw.count(b"\n") + (not raw.endswith(b"\n"))
            if parsed.num_rows != n_lines:
                return None  # a blank line, or two objects on one
            return self._table(parsed.combine_chunks(), raw, number)
        except (pa.ArrowException, UnicodeDecodeError, _OddError):
            return None

    def _table(self, parsed: Any, raw: bytes, number: int) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        n_rows = parsed.num_rows
        columns: dict[str, Any] = {name: _flat(parsed[name]) for name in parsed.column_names}
        _require(columns["task_id"].null_count == 0)
        completion, solution = columns["completion"], columns.get("solution")
        if self._name != _OWN:
            # A null is an error there, a missing field none: what is seen here is the same.
            given = [columns[name] for name in _TEXTS if name in columns]
            some = any(0 < column.null_count < n_rows for column in given)
            _require(not some or b"null" not in raw)
            _require(solution is not None or completion.null_count == 0)
            _require(b"null" not in raw or not any(column.null_count for column in given))
        text = completion
        if solution is not None and solution.null_count < n_rows:
            text = pc.coalesce(solution, completion)
        if self._name in _SOLUTION:
            _require(text.null_count == 0)
        made = {"task": columns["task_id"].cast(pa.string()), "prompt": columns.get("prompt")}
        made |= _written(text, solution, raw)
        named = [columns["temperature"], *(columns[one].field("temperature") for one in SETTINGS)]
        made["model"] = columns["model"]
        made |= self._decided(columns)
        if self._name == _OWN:
            made["model"] = pc.coalesce(columns["extra"].field("model"), made["model"])
            named = [columns["extra"].field("temperature"), *named]
            made["sample"] = columns["sample_id"].fill_null(UNNUMBERED)
            _require(pc.min(made["sample"]).as_py() >= 0)
            made["flags"] = _joined_flags(columns["flags"])
        drawn_at = pc.coalesce(*named)
        made["temperature"] = pc.if_else(
            pc.or_(pc.less(drawn_at, 0), pc.greater(drawn_at, MAX_TEMPERATURE)),
            pa.scalar(None, pa.float64()),
            drawn_at,
        )
        model = pc.utf8_slice_codeunits(made["model"], 0, MAX_WORD)
        made["model"] = pc.if_else(pc.equal(model, ""), pa.scalar(None, pa.string()), model)
        made["number"] = pa.array(range(number, number + n_rows), pa.int64())
        return pa.table({name: column for name, column in made.items() if column is not None})

    def _decided(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._name == "human-eval-results":
            _require(columns["passed"].null_count == 0)
            return {
                "passed": columns["passed"],
                "verdict": _short_words(columns["result"]),
                "tests": _tests(columns, columns["passed"]),
            }
        if self._name != _OWN:
            return {}
        verdict = columns["verdict"]
        words = set(pc.unique(verdict).to_pylist()) - {None}
        _require(words <= set(Verdict))
        is_passed = pc.equal(verdict, str(Verdict.PASSED))
        is_error = pc.equal(verdict, str(Verdict.HARNESS_ERROR))
        ruled = pc.if_else(is_error, pa.scalar(None, pa.bool_()), is_passed)
        passed = pc.if_else(pc.is_null(verdict), columns["passed"], ruled)
        return {
            "passed": passed,
            "verdict": _short_words(pc.coalesce(verdict, columns["tool_verdict"])),
            "tests": _tests(columns, passed),
        }


def _tests(columns: Mapping[str, Any], passed: Any) -> Any:
    """The tests that decide each row, as `suite_of` tells them; None where no row names any."""
    import pyarrow as pa
    import pyarrow.compute as pc

    by_plus = pc.is_valid(columns["plus_status"])
    if "base_passed" in columns:
        by_plus = pc.or_(by_plus, pc.is_valid(columns["base_passed"]))
    by_base = pc.is_valid(columns["base_status"])
    if not pc.any(pc.or_(by_plus, by_base)).as_py():
        return None
    nothing = pa.scalar(None, pa.string())
    named = pc.if_else(by_base, pa.scalar(SUITE_NAMES["base"]), nothing)
    named = pc.if_else(by_plus, pa.scalar(SUITE_NAMES["plus"]), named)
    return pc.if_else(pc.is_valid(passed), named, nothing)


def _written(text: Any, solution: Any, raw: bytes) -> dict[str, Any]:
    """`text`, with the programs in the place of edit text."""
    if b"<|diff|>" not in raw and b"@@ -" not in raw and b"\\u00" not in raw:
        return {"text": text.fill_null("")}
    import pyarrow as pa
    import pyarrow.compute as pc

    text = text.fill_null("")
    maybe = pc.or_(pc.match_substring(text, "<|diff|>"), pc.match_substring(text, "@@ -"))
    if solution is not None:
        maybe = pc.and_(maybe, pc.is_null(solution))
    if not pc.any(maybe).as_py():
        return {"text": text}
    texts = text.to_pylist()
    births: list[tuple[int, ...] | None] = [None] * len(texts)
    written: list[str | None] = [None] * len(texts)
    n_faults = [0] * len(texts)
    for at in pc.indices_nonzero(maybe).to_pylist():
        if is_edit_text(texts[at]):
            written[at] = texts[at]
            texts[at], births[at], n_faults[at] = read_edit_text(texts[at])
    return {
        "text": pa.array(texts, pa.string()),
        "births": pa.array(births, pa.list_(pa.int32())),
        "written": pa.array(written, pa.string()),
        "n_faults": pa.array(n_faults, pa.int32()),
    }


def _short_words(column: Any) -> Any:
    import pyarrow as pa

    coded = column.dictionary_encode()
    words = [short_word(word) for word in coded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(coded.indices)


def _joined_flags(column: Any) -> Any:
    import pyarrow.compute as pc

    if not pc.any(pc.greater(pc.list_value_length(column), 0)).as_py():
        return None
    import pyarrow as pa

    lists = column.to_pylist()
    _require(all(flag is not None for flags in lists for flag in flags or ()))
    return pa.array([", ".join(sorted(flags)) or None if flags else None for flags in lists])


def _flat(column: Any) -> Any:
    import pyarrow as pa

    whole = column.combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole


def _require(holds: Any) -> None:
    if not holds:
        raise _OddError

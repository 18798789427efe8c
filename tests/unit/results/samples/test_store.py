"""A store answers in the words of this package alone, and reaches nothing outside itself."""

from __future__ import annotations

import ast
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import dashboard
from lintseq_core import LintSeqError
from lintseq_core.results.samples import store as module
from lintseq_core.results.samples.facets import facets_of
from lintseq_core.results.samples.query import Query, ask
from lintseq_core.results.samples.store import EVERYTHING, Store, import_duckdb
from tests.unit.results.samples.files import SAMPLES, store_of

pytest.importorskip("pyarrow", reason="stores need pyarrow, which comes with the extra dashboard")
duckdb = pytest.importorskip("duckdb", reason="stores need duckdb, which comes with dashboard")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return store_of(tmp_path_factory.mktemp("store"), SAMPLES)


@pytest.mark.parametrize(
    "statement",
    [
        "COPY rows TO '{folder}/copy.csv'",
        "COPY rows FROM '{folder}/there.csv'",
        "ATTACH '{folder}/other.db'",
        "EXPORT DATABASE '{folder}'",
        "SELECT * FROM read_csv('{folder}/there.csv')",
        "SELECT * FROM read_text('{folder}/there.csv')",
        "SELECT * FROM read_blob('{folder}/there.csv')",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM '{folder}/there.csv'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '100 GB'",
        "SET allowed_directories = ['{folder}']",
        "RESET lock_configuration",
    ],
)
def test_the_database_of_a_store_reaches_nothing_outside_it(
    store: Store, tmp_path: Path, statement: str
) -> None:
    (tmp_path / "there.csv").write_text("a\n1\n")
    with pytest.raises(duckdb.Error):
        store._database.execute(statement.format(folder=tmp_path)).fetchall()
    assert [one.name for one in tmp_path.iterdir()] == ["there.csv"]


@pytest.mark.parametrize("word", ["'", "' OR true --", "x'); DROP TABLE rows; --", "%", "\0", "?"])
def test_what_a_visitor_types_is_a_value_and_never_sql(store: Store, word: str) -> None:
    facets = facets_of(store)
    for name in ("verdict", "task", "model", "lines", "contains", "temperature", "result"):
        assert ask(store, facets, Query().with_choice(name, (word,)), None).n_rows == 0
    assert store.search(re.escape(word)).rows.size == 0
    assert list(store.samples(word)) == []
    assert store.one("count(*)") == len(SAMPLES)


def test_several_threads_may_ask_at_once(store: Store) -> None:
    facets = {name: facet for name, facet in facets_of(store).items() if name == "task"}
    faults: list[BaseException] = []

    def visit() -> None:
        try:
            for _ in range(20):
                found = store.search("os")
                assert ask(store, facets, Query(pattern="os"), found).n_rows == 2
                assert ask(store, facets, Query().with_choice("task", ("T/0",)), None).n_rows == 2
                assert store.texts([3]) == ["import os\nos.sep\n"]
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_search_that_takes_too_long_says_how_far_it_came(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SEARCHED_AT_ONCE", 1)
    monkeypatch.setattr(module, "SEARCH_S", 0.0)
    assert store.search("x").n_searched < store.n_rows
    monkeypatch.setattr(module, "SEARCH_S", 60.0)
    assert store.search("x").n_searched == store.n_rows


TOO_MUCH = (
    "f: this takes more than the 13 MB of memory that its 4 rows may use; choose fewer rows, or "
    "split the file and open a part"
)
LONG = "string_agg(repeat('x', 20000000 + n_lines::int))"


@pytest.mark.parametrize(
    "query",
    [
        lambda store: store.ask(LONG),
        lambda store: store.one(LONG),
        lambda store: store.column("repeat('x', 20000000 + n_lines::int)"),
        lambda store: store.ask_of("n_lines", EVERYTHING, LONG),
        lambda store: store.search("x"),
    ],
    ids=["ask", "one", "column", "ask_of", "search"],
)
def test_what_takes_too_much_memory_is_refused_in_one_sentence_and_the_store_stays_in_use(
    store: Store, monkeypatch: pytest.MonkeyPatch, query: Callable[[Store], object]
) -> None:
    monkeypatch.setattr(module, "_MEMORY_BYTES", 13_000_000)
    monkeypatch.setattr(module, "_MEMORY_BYTES_A_ROW", 0)
    monkeypatch.setattr(module, "_TEXT", f"(SELECT {LONG} FROM rows)")
    tight = Store(store.folder)
    with pytest.raises(LintSeqError) as refused:
        query(tight)
    assert str(refused.value) == TOO_MUCH
    assert tight.one("count(*)") == len(SAMPLES)


def test_a_store_that_is_too_large_to_open_is_no_damaged_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MEMORY_BYTES", 200_000)
    monkeypatch.setattr(module, "_MEMORY_BYTES_A_ROW", 0)
    with pytest.raises(LintSeqError, match=r"^f: this takes more than the 0 MB of memory"):
        Store(store.folder)


SQL = {"ask", "ask_of", "one", "column", "and_also"}


def test_no_page_writes_sql() -> None:
    """What takes SQL of a store is for the modules beside it alone."""
    assert set(dir(Store)) | set(dir(module.Selection)) >= SQL
    calls = [
        (path.name, node.func.attr)
        for path in Path(dashboard.__path__[0]).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    assert [call for call in calls if call[1] in SQL] == []


def test_only_the_condition_of_a_selection_is_sql() -> None:
    selection = EVERYTHING.and_also("a = ?", 1).and_also("b = ? OR c = ?", 2, 3)
    assert selection.condition == "true AND (a = ?) AND (b = ? OR c = ?)"
    assert selection.parameters == (1, 2, 3)


def test_without_duckdb_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(Exception, match=r"needs duckdb: pip install 'lintseq-core\[data\]'"):
        import_duckdb()

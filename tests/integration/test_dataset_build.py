"""`lintseq dataset build` as a user meets it: killed, interrupted, doubled, refused."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "lintseq_core", "dataset", *map(str, arguments)]


def lintseq(*arguments: str | Path, cwd: Path | None = None) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one call."""
    done = subprocess.run(
        command(*arguments),
        capture_output=True,
        env=ENVIRONMENT,
        cwd=cwd,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def write_source(path: Path, count: int) -> Path:
    body = "".join(f"    a{n} = x + {n}\n" for n in range(12))
    with path.open("w") as file:
        for n in range(count):
            row = {
                "instruction": f"Number {n}.",
                "response": f"def f{n}(x):\n{body}    return a3\n",
            }
            file.write(json.dumps(row) + "\n")
    return path


def wait_until(is_true: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A source of several shards, and the hash of the data set that an undisturbed build makes."""
    folder = tmp_path_factory.mktemp("big")
    source = write_source(folder / "source.jsonl", 2_600)
    code, _, said = lintseq("build", source, "-o", folder / "whole.jsonl", "-s", "1")
    assert code == 0, said
    yield source, sha256(folder / "whole.jsonl")


def children(process_id: int) -> list[int]:
    task = Path(f"/proc/{process_id}/task/{process_id}/children")
    return [int(child) for child in task.read_text().split()]


def is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


FILES = ROOT / "tests" / "data" / "row_files"


@pytest.mark.parametrize(
    ("name", "n_rows", "said"),
    [
        ("alpaca.jsonl", 3, "instruction from 'instruction' and 'input' below it"),
        ("bom_crlf.jsonl", 1, "program from 'output'"),
        ("fake.jsonl.gz", 1, "program from 'output'"),
        ("list.json", 1, "program from 'output'"),
        ("list_as.jsonl", 1, "program from 'output'"),
        ("messages.jsonl", 3, "program from 'messages'"),
        ("messages_sys.jsonl", 3, "filled, and not used: system turn (2 rows)"),
        ("pretty.jsonl", 1, "program from 'output'"),
        ("really_gz.jsonl", 1, "program from 'output'"),
        ("sharegpt.jsonl", 3, "program from 'conversations'"),
        ("utf16.jsonl", 1, "program from 'output'"),
        ("blank.jsonl", 0, "no row in it; expected instructions with programs"),
        ("empty.jsonl", 0, "no row in it; expected instructions with programs"),
        ("latin1.jsonl", 0, "row 1: byte 0xe9 at 21 is not UTF-8; convert the file to UTF-8"),
    ],
)
def test_a_source_is_read_by_what_it_holds(
    name: str, n_rows: int, said: str, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    options = ("-s", "1", "--workers", "1", "--layout", "prompt-completion")
    code, printed, error = lintseq("build", FILES / name, "-o", out, *options)
    assert said in error
    assert code == (0 if n_rows else 3)
    rows = [json.loads(row) for row in out.read_text().splitlines()] if n_rows else []
    assert len({row["completion"] for row in rows}) == n_rows
    assert [row["index"] for row in rows] == list(range(n_rows))
    assert printed.startswith(f"{out}: {n_rows} rows" if n_rows else "")


def test_each_input_of_alpaca_makes_an_instruction_of_its_own(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert lintseq("build", FILES / "alpaca.jsonl", "-o", out, "-s", "1", "--workers", "1")[0] == 0
    asked = [json.loads(row)["instruction"] for row in out.read_text().splitlines()]
    assert asked == [f"Add the constant.\n\n### Input:\nconstant = {n}" for n in range(3)]
    without = ("-o", out, "-s", "1", "--workers", "1", "--force", "--input-field", "")
    code, _, said = lintseq("build", FILES / "alpaca.jsonl", *without)
    assert code == 0
    assert "filled, and not used: input (3 rows)" in said
    report = Path(f"{out}.report.md").read_text()
    assert "Filled, and not used: input (3 rows)." in report


def test_columns_of_parquet_that_are_not_read_are_counted(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow: the extra 'data'")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [
        {"instruction": "i", "input": "j", "output": f"x = {n}\n", "id": n, "note": None}
        for n in range(3)
    ]
    rows[0]["note"] = "n"
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "rows.jsonl")
    out = tmp_path / "out.jsonl"
    code, _, said = lintseq("build", tmp_path / "rows.jsonl", "-o", out, "--workers", "1")
    assert code == 0
    assert "filled, and not used: id (3 rows), note (1 row)" in said
    assert json.loads(out.read_text().splitlines()[0])["instruction"] == "i\n\n### Input:\nj"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks into /proc, so Linux only")
def test_killed_and_started_again_it_ends_with_the_identical_file(
    big: tuple[Path, str], tmp_path: Path
) -> None:
    source, expected = big
    output = tmp_path / "out.jsonl"
    arguments = ("build", source, "-o", output, "-s", "1", "--workers", "2")
    build = subprocess.Popen(command(*arguments), env=ENVIRONMENT, stderr=subprocess.DEVNULL)
    wait_until((tmp_path / "out.jsonl.partial" / "000000.json").exists)
    workers = children(build.pid)
    assert len(workers) == 2
    build.kill()
    build.wait()
    assert not output.exists()
    wait_until(lambda: not any(map(is_running, workers)), 20)
    code, _, notes = lintseq(*arguments)
    assert (code, sha256(output)) == (0, expected), notes
    report = json.loads((tmp_path / "out.jsonl.report.json").read_bytes())
    assert report["run"]["resumed_rows"] >= 1_024
    assert report["tally"]["counts"]["rows"] == 2_600
    assert {path.name for path in tmp_path.iterdir()} == {
        "out.jsonl", "out.jsonl.report.json", "out.jsonl.report.md",
    }  # fmt: skip


# Dies in the middle of the nth change of a file name or removal that a build makes.
DYING_BUILD = """
import os, signal, sys
from pathlib import Path
from lintseq_core.data.building.dataset import build_dataset
from lintseq_core.data.settings import BuildSettings

left = [int(sys.argv[3])]

def dying(change):
    def changed(*arguments, **options):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return change(*arguments, **options)
    return changed

Path.replace = dying(Path.replace)
Path.unlink = dying(Path.unlink)
os.fsync = dying(os.fsync)
settings = BuildSettings("response", "instruction", samples=1, shard_rows=16)
build_dataset(Path(sys.argv[1]), Path(sys.argv[2]), settings, workers=1)
"""


def dying_build(source: Path, output: Path, death: int) -> int:
    """The exit code of a build that is killed at its change number `death` (0: never)."""
    script = [sys.executable, "-c", DYING_BUILD, str(source), str(output), str(death)]
    return subprocess.run(script, env=ENVIRONMENT, timeout=120, check=False).returncode


def test_killed_at_any_change_on_the_disk_it_ends_with_the_identical_file(tmp_path: Path) -> None:
    source = write_source(tmp_path / "source.jsonl", 40)
    assert dying_build(source, tmp_path / "whole.jsonl", 0) == 0
    expected = sha256(tmp_path / "whole.jsonl")
    deaths = 0
    for death in range(1, 80, 3):
        folder = tmp_path / str(death)
        folder.mkdir()
        output = folder / "out.jsonl"
        if dying_build(source, output, death) == 0:
            break
        deaths += 1
        assert dying_build(source, output, 0) == 0
        assert sha256(output) == expected
        assert not (folder / "out.jsonl.partial").exists()
    else:
        pytest.fail("a build makes more changes than were tried")
    assert deaths > 8


def test_killed_again_and_again_it_still_comes_to_its_end(tmp_path: Path) -> None:
    source = write_source(tmp_path / "source.jsonl", 40)
    assert dying_build(source, tmp_path / "whole.jsonl", 0) == 0
    output = tmp_path / "out.jsonl"
    runs = 1
    while dying_build(source, output, 13) != 0:
        runs += 1
        assert runs < 20
    assert runs > 2
    assert sha256(output) == sha256(tmp_path / "whole.jsonl")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks into /proc, so Linux only")
def test_a_second_build_of_one_output_is_refused_and_ctrl_c_ends_the_first(
    big: tuple[Path, str], tmp_path: Path
) -> None:
    source, expected = big
    output = tmp_path / "out.jsonl"
    arguments = ("build", source, "-o", output, "-s", "1", "--workers", "2")
    # A shell that runs these tests in the background has Ctrl-C ignored, and children inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    first = subprocess.Popen(command(*arguments), env=ENVIRONMENT, stderr=subprocess.PIPE)
    signal.signal(signal.SIGINT, before)
    wait_until(lambda: list(tmp_path.glob("out.jsonl.partial/000000.rows*")))
    first.send_signal(signal.SIGSTOP)  # so that it cannot be done before the second has begun
    code, _, said = lintseq(*arguments)
    assert code == 3
    assert said.splitlines()[-1] == (
        f"lintseq: error: {output} is being built by another command (process {first.pid}); "
        "wait for it"
    )
    workers = children(first.pid)
    first.send_signal(signal.SIGINT)
    first.send_signal(signal.SIGCONT)
    _, notes = first.communicate(timeout=30)
    assert first.returncode == 130
    assert b"Traceback" not in notes
    wait_until(lambda: not any(map(is_running, workers)), 20)
    assert lintseq(*arguments)[0] == 0
    assert sha256(output) == expected


def test_bad_rows_of_every_kind_are_counted_and_the_rest_is_built(tmp_path: Path) -> None:
    source = tmp_path / "source.jsonl"
    good = json.dumps({"instruction": "Add.", "response": "x = 1\ny = x\n"}).encode()
    rows = [
        good,
        b'{"instruction": "x", "response": "' + b"a" * 50_000_000 + b'"}',
        b"{broken",
        b"[1]",
        b'{"instruction": "x"}',
        b'{"instruction": "x", "response": 3}',
        b'{"instruction": "x", "response": ""}',
        b'{"instruction": "\xff", "response": "x = 1"}',
        b'{"instruction": "x", "response": "not a program"}',
        good,
    ]
    source.write_bytes(b"\n".join(rows))
    code, said, notes = lintseq("build", source, "-o", tmp_path / "out.jsonl", "-s", "2")
    assert code == 0, notes
    assert said.splitlines()[0].startswith(f"{tmp_path / 'out.jsonl'}: 2 rows of 1 programs in ")
    report = json.loads((tmp_path / "out.jsonl.report.json").read_bytes())["tally"]
    assert {kind: report["examples"][kind][0][0] for kind in report["drops"]} == {
        "row_too_long": 2, "bad_json": 3, "wrong_type": 4, "missing_field": 5,
        "empty_program": 7, "not_utf8": 8, "syntax": 9, "duplicate": 10,
    }  # fmt: skip
    assert report["drops"]["wrong_type"] == 2
    code, _, notes = lintseq("build", source, "-o", tmp_path / "strict.jsonl", "--strict")
    assert (code, notes.splitlines()[-1]) == (
        3,
        f"lintseq: error: {source}, row 2: 50,000,037 bytes, more than --max-row-bytes "
        "10,485,760: without --strict such rows are dropped and counted",
    )


ERRORS = {
    "no source": (("missing.jsonl", "-o", "o.jsonl"), "missing.jsonl: No such file or directory; check the path"),
    "a folder as source": ((".", "-o", "o.jsonl"), ".: a folder; give a file of JSON lines, a JSON list or Parquet ('lintseq dataset mine' makes one of a folder of Python code)"),
    "an unknown source": (("s.csv", "-o", "o.jsonl"), "s.csv: starts with 'instruction,response', which is neither JSON nor Parquet; expected one JSON object a line, or a JSON list of objects"),
    "an unknown output": (("s.jsonl", "-o", "o.csv"), "o.csv: unknown kind of file; use one of .jsonl, .jsonl.gz, .parquet"),
    "no output folder": (("s.jsonl", "-o", "nowhere/o.jsonl"), "nowhere/o.jsonl: there is no folder nowhere; make it first"),
    "an output on a file": (("s.jsonl", "-o", "s.csv/o.jsonl"), "s.csv/o.jsonl: there is no folder s.csv; make it first"),
    "the source as output": (("s.jsonl", "-o", "./s.jsonl", "--force"), "s.jsonl: source and output are one file; choose another -o"),
    "a field that no row has": (("s.jsonl", "-o", "o.jsonl", "--program-field", "code"), "s.jsonl: no row could be used: 3 missing_field (row 1: no field 'code'; the row has instruction, response)"),
    "whole programs as edits": (("s.jsonl", "-o", "o.jsonl", "--method", "whole", "--layout", "lintseq"), "the layout 'lintseq' holds edits and method 'whole' has none: choose --layout prompt-completion or messages"),
    "an engine for another linter": (("s.jsonl", "-o", "o.jsonl", "--engine", "incremental", "--linter", "syntax"), "the incremental engine is for pyflakes, not for 'syntax': leave out --engine"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_wrong_input_is_one_line_with_a_remedy_and_leaves_nothing(
    name: str, tmp_path: Path
) -> None:
    arguments, message = ERRORS[name]
    write_source(tmp_path / "s.jsonl", 3)
    (tmp_path / "s.csv").write_text("instruction,response\ni,x = 1\n")
    before = (tmp_path / "s.jsonl").read_bytes()
    code, said, notes = lintseq("build", *arguments, cwd=tmp_path)
    assert (code, said) == (3, "")
    assert notes.splitlines()[-1] == f"lintseq: error: {message}"
    assert {path.name for path in tmp_path.iterdir()} == {"s.jsonl", "s.csv"}
    assert (tmp_path / "s.jsonl").read_bytes() == before


# Root may write everywhere: become somebody else, once all modules are loaded.
AS_NOBODY = """
import os, sys
import lintseq_core.cli, lintseq_core.data.building.dataset
lintseq_core.get_linter("pyflakes").lint("x = 1\\n")
b"x".decode("utf-8-sig")
if os.geteuid() == 0:
    os.setuid(65534)
sys.argv[0] = "lintseq"
lintseq_core.cli.main()
"""


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of POSIX")
def test_a_folder_that_may_not_be_written_is_one_line() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name) / "locked"
        folder.mkdir()
        source = write_source(Path(name) / "s.jsonl", 3)
        Path(name).chmod(0o755)
        folder.chmod(0o555)
        arguments = ["dataset", "build", str(source), "-o", str(folder / "o.jsonl")]
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, *arguments],
            env=ENVIRONMENT, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        partial = folder / "o.jsonl.partial"
    assert done.returncode == 3
    assert done.stderr.decode().splitlines()[-1] == (
        f"lintseq: error: {partial}: Permission denied; check the path"
    )


def test_built_again_it_says_so(tmp_path: Path) -> None:
    source = write_source(tmp_path / "s.jsonl", 3)
    output = tmp_path / "o.jsonl.gz"
    assert lintseq("build", source, "-o", output)[0] == 0
    assert len(gzip.decompress(output.read_bytes()).splitlines()) == 15
    code, said, _ = lintseq("build", source, "-o", output)
    assert (code, said) == (
        0,
        f"{output}: built already, with these settings from this source; nothing written\n",
    )
    report = json.loads((tmp_path / "o.jsonl.gz.report.json").read_bytes())
    assert report["command"] == f"lintseq dataset build {source} -o {output}"


def test_real_instructions_are_built_the_same_by_one_worker_and_by_eight(
    data_dir: Path, tmp_path: Path
) -> None:
    source = data_dir / "codealpaca_python.jsonl"
    for workers in ("1", "8"):
        output = tmp_path / f"{workers}.jsonl"
        code, said, notes = lintseq("build", source, "-o", output, "--workers", workers, "-s", "2")
        assert code == 0, notes
        assert "dropped 39 of 1,640 rows: 38 duplicate, 1 syntax" in said
    assert sha256(tmp_path / "1.jsonl") == sha256(tmp_path / "8.jsonl")

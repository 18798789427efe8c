"""The server backend against answers in each server's shape, whole and broken."""

from __future__ import annotations

import json
import math
import threading
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.generation import server_client
from lintseq_core.generation.request import Task, run_model, run_tasks
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.server_backend import ServerModel, check_fields, load_server
from lintseq_core.generation.server_client import KEY_VARIABLE, LiveAnswers, ServerClient
from lintseq_core.generation.steps import EditStep, SampleEnd
from lintseq_core.generation.trace import TraceWriter, event_record
from lintseq_core.generation.types import GenerationRequest
from tests.model_server import Answer, Body, as_json, as_stream, chunk, serve, written
from tests.serving import free_port
from tests.unit.generation.test_stepwise import DEFINE, GOOD, PROGRAM

FIXTURES = Path(__file__).resolve().parents[2] / "data" / "servers"
DIALECTS = ("vllm", "llama_server", "ollama", "lm_studio")
HOT = SamplingSettings(1.0, 0.95, 0.05, 64)
STEPWISE = GenerationRequest("Double.", "stepwise", SamplingSettings(1.0, 0.95, 0.0, 64), seed=3)
WHOLE = GenerationRequest("Double.", "whole", SamplingSettings(1.0, 0.95, 0.0, 64), seed=3)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited for; nobody waits."""
    found: list[float] = []
    monkeypatch.setattr(LiveAnswers, "wait", lambda self, seconds: found.append(seconds))
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return found


def model_at(url: str, notes: list[str] | None = None, **options: Any) -> ServerModel:
    told = notes if notes is not None else []
    return load_server("m", url, on_note=told.append, **options)


def ends_of(events: Any) -> list[SampleEnd]:
    return [event for event in events if isinstance(event, SampleEnd)]


def recorded(dialect: str, name: str) -> Answer:
    data = (FIXTURES / dialect / name).read_bytes()
    kind = "application/json" if name.endswith(".json") else "text/event-stream"
    return Answer(data.splitlines(keepends=True), kind=kind)


# What each server gives.


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_gives_the_same_edits(dialect: str) -> None:
    notes: list[str] = []
    with serve(lambda path, body: recorded(dialect, "completions.sse")) as server:
        server.models = recorded(dialect, "models.json")
        run = run_model(model_at(server.url, notes), STEPWISE)
        events = list(run.events)
    (end,) = ends_of(events)
    steps = [event for event in events if isinstance(event, EditStep)]
    assert (end.program, end.stop_reason, end.text) == (PROGRAM, "close", GOOD)
    assert [step.text for step in steps] == [DEFINE, "@@ -2,0 +3 @@\n+print(double(3))"]
    assert [step.faults for step in steps] == [(), ()]
    (asked,) = server.asked
    assert asked == {
        "model": "m", "prompt": "Double.\n<|diff|>", "max_tokens": 64, "temperature": 1.0,
        "top_p": 0.95, "top_k": 0, "min_p": 0.0, "seed": asked["seed"], "stream": True,
        "stream_options": {"include_usage": True}, "logprobs": 1,
    }  # fmt: skip
    none = "the server gives no log-probabilities: traces have none"
    if dialect in ("vllm", "llama_server"):
        assert steps[0].log_prob == pytest.approx(-0.25 * 6)
        assert end.log_prob == pytest.approx(-0.25 * 12)
        assert none not in notes
    else:
        assert math.isnan(end.log_prob)
        assert event_record(end)["log_prob"] is None
        assert none in notes
    assert end.n_tokens == (3 if dialect == "lm_studio" else 12)  # it sends several at once
    assert (run.header.backend, run.header.device) == ("server", "a server (completions)")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_gives_the_same_program_in_a_chat(dialect: str) -> None:
    with serve(lambda path, body: recorded(dialect, "chat.sse")) as server:
        (end,) = ends_of(run_model(model_at(server.url), WHOLE).events)
    assert end.program == "def double(x):\n    return 2 * x"
    assert (end.stop_reason, end.compiles) == ("eos", True)
    assert end.n_tokens == (5 if dialect == "lm_studio" else 30)  # by its usage, where it has one
    known = {"vllm": -0.5 * 4 - 0.125}  # llama-server gives no figure for the end marker
    assert end.log_prob == pytest.approx(known.get(dialect, math.nan), nan_ok=True)
    (asked,) = server.asked
    assert asked["messages"] == [{"role": "user", "content": "Double."}]
    assert asked["logprobs"] is True


def test_a_chat_can_be_left_for_completions() -> None:
    with serve(lambda path, body: written("x = 1\n")) as server:
        model = model_at(server.url, endpoint="completions")
        run = run_model(model, GenerationRequest("Do.", "whole", HOT, stop=("\ndef",)))
        assert [end.text for end in ends_of(run.events)] == ["x = 1\n"]
    (asked,) = server.asked
    assert (asked["prompt"], asked["stop"], asked["min_p"]) == ("Do.\n", ["\ndef"], 0.05)
    assert run.header.device == "a server (completions)"


@pytest.mark.parametrize(
    ("dialect", "length", "noted"),
    [
        ("vllm", 2048, []),
        ("llama_server", 4096, ["the server does not list m, but m.gguf: check --model"]),
        ("ollama", 2**31, []),
        ("lm_studio", 2**31, []),
    ],
)
def test_the_list_of_models_tells_names_and_the_context(
    dialect: str, length: int, noted: list[str]
) -> None:
    notes: list[str] = []
    with serve(lambda path, body: written(""), recorded(dialect, "models.json")) as server:
        assert model_at(server.url, notes).context_length == length
    assert notes == noted


def test_an_answer_that_is_no_stream_is_read_too() -> None:
    choices = [{"text": DEFINE, "finish_reason": "stop"}, {"index": None, "text": None}]
    with serve(lambda path, body: as_json({"choices": choices})) as server:
        (end,) = ends_of(run_model(model_at(server.url), STEPWISE).events)
    assert (end.stop_reason, end.text) == ("eos", DEFINE)


def test_tokens_whose_texts_do_not_add_up_keep_the_text_and_all_figures() -> None:
    odd = {"tokens": ["bytes:\\xc3", "bytes:\\xa9", 7], "token_logprobs": [-1.0, -2.0, None]}
    with serve(
        lambda path, body: as_stream([chunk("é", logprobs=odd), chunk("", end="stop")])
    ) as server:
        (end,) = ends_of(run_model(model_at(server.url), WHOLE).events)
    assert end.text == "é"
    assert [(token.text, token.token_id) for token in end.tokens] == [("", -1), ("", -1), ("é", -1)]
    assert [token.log_prob for token in end.tokens] == pytest.approx(
        [-1, -2, math.nan], nan_ok=True
    )


@pytest.mark.parametrize(
    ("end", "stop", "given", "expected"),
    [
        ("stop", "\ndef", ("\ndef",), "stop"),
        ("stop", None, ("\ndef",), "eos"),
        ("stop", 151645, ("\ndef",), "eos"),
        ("stop", "", ("\ndef",), "stop"),  # it does not say which of the two
        ("stop", "", (), "eos"),
        ("length", "", (), "max_tokens"),
    ],
)
def test_why_a_text_ended_is_what_the_server_says(
    end: str, stop: Any, given: tuple[str, ...], expected: str
) -> None:
    last = chunk("", end=end) if stop == "" else chunk("", end=end, stop_reason=stop)
    with serve(lambda path, body: as_stream([chunk("x = 1"), last])) as server:
        request = GenerationRequest("Do.", "whole", stop=given)
        (found,) = ends_of(run_model(model_at(server.url), request).events)
    assert (found.stop_reason, found.text) == (expected, "x = 1")


def test_a_text_that_ends_before_its_limit_ran_out_of_context() -> None:
    usage = {"choices": [], "usage": {"completion_tokens": 9}}
    with serve(
        lambda path, body: as_stream([chunk("x"), chunk("", end="length"), usage])
    ) as server:
        (found,) = ends_of(run_model(model_at(server.url), WHOLE).events)
    assert (found.stop_reason, found.n_tokens) == ("context", 9)


# Many samples.


def test_samples_of_a_request_are_told_apart_and_have_a_seed_of_their_own() -> None:
    def answer(path: str, body: Body) -> Answer:
        return written(*(f"x = {index}\n" for index in range(body.get("n", 1))))

    with serve(answer) as server:
        request = GenerationRequest("Do.", "whole", HOT, n_samples=5, batch_size=3)
        ends = ends_of(run_model(model_at(server.url), request).events)
        assert sorted((end.sample_index, end.text) for end in ends) == [
            (0, "x = 0\n"), (1, "x = 1\n"), (2, "x = 2\n"), (3, "x = 0\n"), (4, "x = 1\n"),
        ]  # fmt: skip
        first = {body["n"]: body["seed"] for body in server.asked}
        assert first.keys() == {3, 2}
        assert len(set(first.values())) == 2
        list(run_model(model_at(server.url), request).events)
        assert {body["n"]: body["seed"] for body in server.asked[2:]} == first


@pytest.mark.parametrize("refuses", [False, True], ids=["ignored", "refused"])
def test_a_server_without_n_is_asked_for_one_sample_at_a_time(refuses: bool) -> None:
    def answer(path: str, body: Body) -> Answer:
        if refuses and "n" in body:
            return as_json({"error": {"message": "Only one completion choice is allowed"}}, 400)
        return written(f"x = {body['seed']}\n")

    notes: list[str] = []
    with serve(answer) as server:
        request = GenerationRequest("Do.", "whole", HOT, n_samples=4)
        ends = ends_of(run_model(model_at(server.url, notes), request).events)
    assert sorted(end.sample_index for end in ends) == [0, 1, 2, 3]
    assert len({end.text for end in ends}) == 4
    asked = [body.get("n", 1) for body in server.asked]
    assert asked == ([4, 1, 1, 1, 1] if refuses else [4, 1, 1, 1])
    told = "takes no n" if refuses else "ignores n, 1 of 4 choices came"
    assert f"the server {told}: samples are asked for one by one" in notes


def test_choices_with_one_index_are_all_kept() -> None:
    notes: list[str] = []
    records = [chunk("x = 1"), chunk("", end="stop"), chunk("x = 2"), chunk("", end="stop")]
    with serve(lambda path, body: as_stream(records)) as server:
        request = GenerationRequest("Do.", "whole", HOT, n_samples=2)
        ends = ends_of(run_model(model_at(server.url, notes), request).events)
    assert {(end.sample_index, end.text) for end in ends} == {(0, "x = 1"), (1, "x = 2")}
    assert len(server.asked) == 1
    assert (
        "the server gives several choices the index 0: they are told apart by where they end"
        in notes
    )


def test_no_more_requests_are_made_at_a_time_than_allowed() -> None:
    begun = threading.Barrier(3, timeout=5)

    def answer(path: str, body: Body) -> Answer:
        begun.wait()
        return written("x = 1\n")

    with serve(answer) as server:
        tasks = [Task(f"Do {number}.") for number in range(9)]
        model = model_at(server.url, n_parallel=3)
        run = run_tasks(model, GenerationRequest("", "whole"), tasks)
        found = list(run.draw([[0]] * 9))
    assert sorted(place for place, _ in found) == list(range(9))
    assert (server.most_at_once, len(server.asked)) == (3, 9)


def test_an_answer_is_left_when_all_its_edits_are_closed() -> None:
    more = [chunk("x" * 4096) for _ in range(2_000)]
    with serve(lambda path, body: as_stream([chunk(GOOD), *more], pause_s=0.001)) as server:
        (end,) = ends_of(run_model(model_at(server.url), STEPWISE).events)
        assert end.stop_reason == "close"
        for _ in range(500):
            if server.n_left_early:
                break
            threading.Event().wait(0.01)
    assert server.n_left_early == 1


def test_a_reader_that_goes_away_ends_the_requests() -> None:
    lines = [chunk("@@ -0,0 +1 @@\n+x = 1\n<|diff|>")] * 5_000
    with serve(lambda path, body: as_stream(lines, pause_s=0.002)) as server:
        events = run_model(model_at(server.url), STEPWISE).events
        next(events)
        events.close()  # type: ignore[attr-defined]
        for _ in range(500):
            if server.n_left_early:
                break
            threading.Event().wait(0.01)
    assert server.n_left_early == 1


# What breaks.


def in_turn(*answers: Answer) -> Any:
    """Answers one after the other, the last one for ever."""
    left = list(answers)
    return lambda path, body: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_asked_again_after_as_long_as_the_server_says(
    status: int, waits: list[float]
) -> None:
    busy = as_json({"error": {"message": "slow down"}}, status, **{"Retry-After": "7"})
    with serve(in_turn(busy, Answer(b"", status), written("x = 1\n"))) as server:
        (end,) = ends_of(run_model(model_at(server.url), WHOLE).events)
    assert end.program == "x = 1\n"
    assert waits[0] == 7
    assert 1.5 <= waits[1] <= 2.5
    assert len(server.asked) == 3


def test_a_server_that_stays_busy_is_given_up_with_a_line(waits: list[float]) -> None:
    busy = as_json({"error": {"message": "slow down"}}, 429)
    with serve(lambda path, body: busy) as server, pytest.raises(LintSeqError) as error:
        list(run_model(model_at(server.url), WHOLE).events)
    assert str(error.value) == (
        f"{server.url} answers 429 (slow down): ask less at a time (--parallel), or later; asked "
        "6 times: what is finished is kept in the trace, and the same command goes on from there"
    )
    assert len(server.asked) == 6
    assert [round(math.log2(one)) for one in waits] == [0, 1, 2, 3, 4]


def test_a_completion_that_is_cut_off_goes_on_from_where_it_was() -> None:
    first, rest = GOOD[:40], GOOD[40:]
    halves = in_turn(
        as_stream([chunk(first[:30]), chunk(first[30:])], is_cut=True),
        as_stream([chunk(rest), chunk("", end="stop")]),
    )
    with serve(halves) as server:
        events = list(run_model(model_at(server.url), STEPWISE).events)
    assert ends_of(events)[0].program == PROGRAM
    assert [event.step_index for event in events if isinstance(event, EditStep)] == [0, 1]
    assert [body["prompt"] for body in server.asked] == [
        "Double.\n<|diff|>", f"Double.\n<|diff|>{first}",
    ]  # fmt: skip
    assert [body["max_tokens"] for body in server.asked] == [64, 62]


def test_a_chat_that_is_cut_off_begins_again_and_finished_choices_are_kept() -> None:
    cut = as_stream([chunk("x = 1"), chunk("", end="stop"), chunk("y =", 1)], is_cut=True)
    with serve(in_turn(cut, as_stream([chunk("z = 3"), chunk("", end="stop")]))) as server:
        request = GenerationRequest("Do.", "whole", HOT, n_samples=2)
        ends = ends_of(run_model(model_at(server.url), request).events)
    assert [(end.sample_index, end.text) for end in ends] == [(0, "x = 1"), (1, "z = 3")]
    assert [body.get("n") for body in server.asked] == [2, None]


def test_what_others_are_writing_is_kept_where_one_task_fails() -> None:
    both = threading.Barrier(2, timeout=5)

    def answer(path: str, body: Body) -> Answer:
        both.wait()
        if body["messages"][0]["content"] == "Do 1.":
            return as_json({"error": {"message": "too long"}}, 400)
        return as_stream([chunk("x = 1\n"), chunk("", end="stop")], pause_s=0.05)

    with serve(answer) as server:
        tasks = [Task("Do 0.", "b 0"), Task("Do 1.", "b 1"), Task("Do 2.", "b 2")]
        run = run_tasks(model_at(server.url, n_parallel=2), GenerationRequest("", "whole"), tasks)
        found = []
        with pytest.raises(LintSeqError, match=r"^b 1: .* it answers 400 \(too long\)"):
            for event in run.draw([[0], [0], [0]]):
                found.append(event)
    assert [(place, event.text) for place, event in found] == [(0, "x = 1\n")]
    assert len(server.asked) == 2


@pytest.mark.parametrize("dialect", DIALECTS)
def test_errors_of_every_dialect_are_a_line_with_the_remedy(dialect: str) -> None:
    errors = json.loads((FIXTURES / dialect / "errors.json").read_text())
    remedies = {
        "200": "change what it names, or --base-url",
        "400": "refuses the request: change what it names; it answers 400",
        "401": "set LINTSEQ_SERVER_KEY in the environment; it answers 401",
        "404": "check --model and --base-url; it answers 404",
        "500": "later; asked 6 times: what is finished is kept",
        "503": "later; asked 6 times: what is finished is kept",
    }
    for status, record in errors.items():
        answers = in_turn(as_json(record, int(status)))
        with serve(answers) as server, pytest.raises(LintSeqError) as error:
            list(run_model(model_at(server.url), WHOLE).events)
        said = str(error.value)
        words = record["error"] if isinstance(record["error"], str) else record["error"]["message"]
        assert remedies[status] in said
        assert words in said
        assert "\n" not in said


GARBAGE = (
    (Answer(b"<!doctype html><p>Hi", kind="text/html"), "it is a web page"),
    (Answer(b" <html>", kind="application/json"), "it is a web page"),
    (as_json([1, 2]), "it is b'[1, 2]'"),
    (Answer(b"data: {nonsense\n\n", kind="text/event-stream"), "a line of its stream is no JSON ('{nonsense')"),
    (Answer(b"data: 7\n\n", kind="text/event-stream"), "it is b' 7'"),
    (Answer(b"\xff\xfe\x00", kind="application/json"), "its answer is no JSON"),
)  # fmt: skip


@pytest.mark.parametrize(("answer", "found"), GARBAGE)
def test_what_is_no_model_server_is_told_by_what_it_says(answer: Answer, found: str) -> None:
    with serve(lambda path, body: answer) as server, pytest.raises(LintSeqError) as error:
        list(run_model(model_at(server.url), WHOLE).events)
    said = str(error.value)
    assert said.startswith(f"{server.url} is no OpenAI-compatible server, {found}")
    assert said.endswith("--base-url takes the address that ends in /v1")
    assert len(server.asked) == 1


def test_a_list_of_models_that_is_a_web_page_is_refused_before_anything_is_asked() -> None:
    page = Answer(b"<!doctype html>", kind="text/html")
    refused = pytest.raises(LintSeqError, match="is no OpenAI-compatible server")
    with serve(lambda path, body: written(""), page) as server, refused:
        model_at(server.url)
    assert server.asked == []


@pytest.mark.parametrize("status", [404, 500])
def test_a_server_without_a_list_of_models_is_asked_all_the_same(status: int) -> None:
    with serve(lambda path, body: written("x = 1\n"), as_json({"detail": "?"}, status)) as server:
        (end,) = ends_of(run_model(model_at(server.url), WHOLE).events)
    assert end.text == "x = 1\n"


@pytest.mark.parametrize("records", [[], [{"choices": None}], [{"choices": [7]}], [{"usage": {}}]])
def test_an_answer_without_a_choice_is_asked_again_and_given_up(records: list[Any]) -> None:
    refused = pytest.raises(LintSeqError, match="answered without a choice; asked 6 times")
    with serve(lambda path, body: as_stream(records)) as server, refused:
        list(run_model(model_at(server.url), WHOLE).events)


def test_an_error_in_the_middle_of_a_stream_is_asked_again() -> None:
    broken = [chunk("x ="), {"error": {"message": "CUDA error", "code": 500}}]
    with serve(in_turn(as_stream(broken), written("x = 1\n"))) as server:
        (end,) = ends_of(run_model(model_at(server.url), WHOLE).events)
    assert end.text == "x = 1\n"
    old = Answer([b'data: {"choices":[{"text":"x"}]}\n\n', b'error: {"message":"slot","error":"slot"}\n\n'],
                 kind="text/event-stream")  # fmt: skip
    with serve(in_turn(old, written(" = 1\n"))) as server:
        model = model_at(server.url, endpoint="completions")
        (end,) = ends_of(run_model(model, WHOLE).events)
    assert end.text == "x = 1\n"


def test_a_server_that_sends_on_is_not_followed() -> None:
    away = Answer(b"", 307, headers={"Location": "http://elsewhere.invalid/v1"})
    with serve(lambda path, body: away) as server, pytest.raises(LintSeqError) as error:
        list(run_model(model_at(server.url), WHOLE).events)
    assert str(error.value) == (
        f"{server.url} sends on to http://elsewhere.invalid/v1: give the right address as "
        "--base-url"
    )


def test_a_server_that_is_not_there_is_a_line() -> None:
    url = f"http://localhost:{free_port()}/v1"
    with pytest.raises(LintSeqError) as error:
        model_at(url)
    assert str(error.value) == (
        f"nothing answers at {url} (Connection refused): start the server, or check --base-url"
    )


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_client, "SILENCE_S", 0.05)
    with serve(lambda path, body: as_stream([chunk("x")], pause_s=0.3)) as server:
        client = ServerClient(server.url, silence_s=0.05)
        with pytest.raises(LintSeqError, match="broke off \\(no answer in time\\): see what the"):
            list(client.stream("/completions", {}))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("localhost:8000/v1", "expected an address such as http://localhost:8000/v1"),
        ("ftp://localhost/v1", "expected an address such as http://localhost:8000/v1"),
        ("http:///v1", "expected an address such as http://localhost:8000/v1"),
        ("http://localhost:99999/v1", "expected an address such as http://localhost:8000/v1"),
        ("https://me:sk-1@host/v1", "keys belong in LINTSEQ_SERVER_KEY"),
        ("https://host/v1?key=sk-1", "keys belong in LINTSEQ_SERVER_KEY"),
    ],
)
def test_an_address_that_is_none_or_holds_a_key_is_refused(url: str, message: str) -> None:
    with pytest.raises(LintSeqError) as error:
        load_server("m", url)
    assert message in str(error.value)
    assert "sk-1" not in str(error.value)


def test_the_key_is_sent_and_written_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = "sk-secret-123"
    monkeypatch.setenv(KEY_VARIABLE, f"{key}\n")
    answers = in_turn(
        written("x = 1\n"), as_json({"error": {"message": f"Incorrect API key: {key}"}}, 401)
    )
    with serve(answers) as server:
        model = model_at(server.url)
        run = run_model(model, WHOLE)
        with (tmp_path / "trace.jsonl").open("w") as stream:
            writer = TraceWriter(stream, run.header)
            for event in run.events:
                writer.write(event)
        with pytest.raises(LintSeqError) as error:
            list(run_model(model, WHOLE).events)
    assert server.keys == [f"Bearer {key}"] * 2
    assert key not in (tmp_path / "trace.jsonl").read_text() + repr(model) + str(error.value)
    assert "Incorrect API key: ***" in str(error.value)
    monkeypatch.setenv(KEY_VARIABLE, "sk\nX-Evil: 1")
    with pytest.raises(LintSeqError, match="holds what no key does"):
        load_server("m", server.url)


# What a server ignores.


def sampled_text(body: Body, *, ignoring: str) -> str:
    """A server that is sound but for one field."""
    is_greedy = (
        (body.get("top_p", 1) < 0.01 and ignoring != "top_p")
        or (body.get("min_p", 0) == 1 and ignoring != "min_p")
        or body["temperature"] == 0
        or ignoring == "temperature"
    )
    if is_greedy:
        return "likeliest"
    sampled_text.calls += 1  # type: ignore[attr-defined]
    return f"call {sampled_text.calls}" if ignoring == "seed" else f"seed {body['seed']}"  # type: ignore[attr-defined]


sampled_text.calls = 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("ignoring", "told"),
    [
        ("nothing", []),
        ("seed", ["the server ignores seed: the same command gives other samples"]),
        ("top_p", ["the server ignores top_p: samples are drawn without it"]),
        ("min_p", ["the server ignores min_p: samples are drawn without it"]),
        (
            "temperature",
            [
                "the server ignores temperature or seed: two seeds give one text at temperature "
                "1.5, so samples may all be alike"
            ],
        ),
    ],
)
def test_a_field_that_the_server_ignores_is_named(ignoring: str, told: list[str]) -> None:
    notes: list[str] = []
    with serve(lambda path, body: written(sampled_text(body, ignoring=ignoring))) as server:
        check_fields(model_at(server.url, notes), GenerationRequest("Do.", "whole", HOT))
        assert all(body["max_tokens"] == 12 for body in server.asked)
        assert len(server.asked) == (3 if ignoring == "temperature" else 7 - (ignoring == "seed"))
    assert notes == told


def test_stop_and_max_tokens_that_are_ignored_are_obeyed_here_and_named() -> None:
    notes: list[str] = []
    text = "x = 1\ndef f(): pass\n" + "y = 2\n" * 100
    with serve(lambda path, body: written(text)) as server:
        request = GenerationRequest(
            "Do.", "whole", SamplingSettings(max_tokens=100), stop=("\ndef",)
        )
        (end,) = ends_of(run_model(model_at(server.url, notes), request).events)
        assert (end.text, end.stop_reason) == ("x = 1", "stop")
        request = GenerationRequest("Do.", "whole", SamplingSettings(max_tokens=10), n_samples=1)
        (end,) = ends_of(run_model(model_at(server.url, notes), request).events)
        assert (end.n_tokens, end.stop_reason) == (10, "max_tokens")
    assert "the server ignores stop: texts are cut here" in notes


@pytest.mark.parametrize("name", ["logprobs", "stream_options", "seed", "top_k", "min_p"])
def test_a_field_that_is_refused_is_left_out_and_named(name: str) -> None:
    def answer(path: str, body: Body) -> Answer:
        if name in body:
            return as_json({"detail": f"Unexpected fields in the request: {{'{name}'}}"}, 422)
        return written("x = 1\n")

    notes: list[str] = []
    with serve(answer) as server:
        model = model_at(server.url, notes)
        (end,) = ends_of(run_model(model, WHOLE).events)
        assert end.text == "x = 1\n"
        list(run_model(model, WHOLE).events)
        assert len(server.asked) == 3  # refused once
    assert f"the server takes no {name}: it is left out" in notes


def test_a_chat_that_the_model_has_no_template_for_names_the_option() -> None:
    words = "As of transformers v4.44, default chat template is no longer allowed"
    refused = pytest.raises(LintSeqError, match="--endpoint completions asks without a chat templ")
    with serve(lambda path, body: as_json({"error": {"message": words}}, 400)) as server, refused:
        list(run_model(model_at(server.url), WHOLE).events)


def test_a_server_that_ignores_max_tokens_is_named_before_it_costs_much() -> None:
    notes: list[str] = []
    with serve(lambda path, body: written("x = 1\n" * 100)) as server:
        check_fields(model_at(server.url, notes), WHOLE)
    assert "the server ignores max_tokens: texts are cut here" in notes


def test_a_setting_that_is_refused_ends_the_run() -> None:
    def answer(path: str, body: Body) -> Answer:
        if "min_p" in body:
            return as_json({"detail": "Unexpected fields in the request: {'min_p'}"}, 422)
        return written("x = 1\n")

    with serve(answer) as server:
        model = model_at(server.url)
        list(run_model(model, WHOLE).events)  # where it is off, it can be left out
        with pytest.raises(LintSeqError, match="'min_p'"):
            list(run_model(model, GenerationRequest("Do.", "whole", HOT)).events)


def test_guards_are_refused() -> None:
    model = ServerModel(ServerClient("http://localhost:1/v1"), "m")
    with pytest.raises(LintSeqError, match="the server cannot draw an edit again"):
        run_model(model, GenerationRequest("Do.", "stepwise", n_retries=1))
    with pytest.raises(LintSeqError, match="the server draws by itself, without a mask"):
        run_model(model, GenerationRequest("Do.", "stepwise", format_guard=True))


def test_judges_are_asked_about_states_and_programs() -> None:
    seen: list[str] = []

    def judge(program: str) -> str:
        seen.append(program)
        return "passed"

    with serve(lambda path, body: written(GOOD)) as server:
        events = list(run_model(model_at(server.url), STEPWISE, judge=judge).events)
    assert [event.verdict for event in events] == ["passed"] * 3
    assert seen[-1] == PROGRAM


def test_a_reader_may_go_away_while_the_server_says_nothing() -> None:
    class Enough(Exception):
        pass

    def tell(n_live: int) -> None:
        assert n_live == 0
        raise Enough

    silent = as_stream([chunk("x")], pause_s=2)
    with serve(lambda path, body: silent) as server, pytest.raises(Enough):
        list(run_model(model_at(server.url), STEPWISE, on_draw=tell).events)


def test_draws_are_counted_while_they_come() -> None:
    told: list[int] = []
    with serve(lambda path, body: written(GOOD)) as server:
        list(run_model(model_at(server.url), STEPWISE, on_draw=told.append).events)
    assert sum(told) == math.ceil(len(GOOD) / 4)

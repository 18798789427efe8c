"""A model server for tests: it answers on localhost what a test wrote for it."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]


@dataclass
class Answer:
    data: bytes | Sequence[bytes]
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    is_cut: bool = False
    """The connection breaks where the data ends."""
    pause_s: float = 0.0
    """Before each part."""


def as_json(record: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(json.dumps(record).encode(), status, headers=headers)


def as_stream(records: Sequence[Any], *, is_cut: bool = False, pause_s: float = 0.0) -> Answer:
    lines = [f"data: {json.dumps(record)}\n\n".encode() for record in records]
    lines += [] if is_cut else [b"data: [DONE]\n\n"]
    return Answer(lines, kind="text/event-stream", is_cut=is_cut, pause_s=pause_s)


def chunk(text: str, index: int = 0, end: str | None = None, **more: Any) -> dict[str, Any]:
    """A piece of a completion that is also one of a chat."""
    choice = {"index": index, "text": text, "delta": {"content": text}, "finish_reason": end}
    return {"choices": [choice | more]}


def written(*texts: str, end: str = "stop") -> Answer:
    """Choices of these texts, in pieces of a few characters."""
    pieces = [
        chunk(text[at : at + 4], index)
        for index, text in enumerate(texts)
        for at in range(0, len(text), 4)
    ]
    return as_stream([*pieces, *(chunk("", index, end) for index in range(len(texts)))])


@dataclass
class ModelServer:
    answer: Callable[[str, Body], Answer]
    """From the path behind /v1 and the body of a POST."""
    models: Answer = field(default_factory=lambda: as_json({"data": [{"id": "m"}]}))
    asked: list[Body] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    most_at_once: int = 0
    n_left_early: int = 0
    """Answers whose reader went away."""
    url: str = ""
    _at_once: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def _post(self, path: str, body: Body, key: str | None) -> Answer:
        with self._lock:
            self.asked.append(body)
            self.keys.append(key)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        return self.answer(path.removeprefix("/v1"), body)

    def _is_over(self, *, early: bool) -> None:
        with self._lock:
            self._at_once -= 1
            self.n_left_early += early


@contextlib.contextmanager
def serve(
    answer: Callable[[str, Body], Answer], models: Answer | None = None
) -> Iterator[ModelServer]:
    """The server, ready; `answer` may be called by several threads at once."""
    server = ModelServer(answer)
    if models is not None:
        server.models = models

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: object) -> None: ...

        def do_GET(self) -> None:
            self._send(server.models)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            early = True
            try:
                self._send(server._post(self.path, body, self.headers["Authorization"]))
                early = False
            except OSError:
                self.close_connection = True
            finally:
                server._is_over(early=early)

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in [answer.data] if isinstance(answer.data, bytes) else answer.data:
                time.sleep(answer.pause_s)
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            if answer.is_cut:
                self.close_connection = True
            else:
                self.wfile.write(b"0\r\n\r\n")

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        http.handle_error = lambda *arguments: None  # type: ignore[method-assign]
        server.url = f"http://127.0.0.1:{http.server_port}/v1"
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        http.shutdown()

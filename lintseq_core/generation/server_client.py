"""Requests to a model server that speaks OpenAI's protocol, and what its answers say.

vLLM, llama-server, Ollama, LM Studio and `transformers serve` differ in what they give and leave
out; here their answers become `Piece`s. Of the standard library alone: http.client follows no
redirect, which would carry the key to another server, and a connection that is closed ends the
work of a server for it.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import math
import os
import socket
import ssl
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text

KEY_VARIABLE = "LINTSEQ_SERVER_KEY"
"""Environment variable with the key of the server; it is read from nowhere else."""
CONNECT_S, SILENCE_S = 10.0, 600.0
"""How long a connection may take, and a server say nothing: it may have a model to load."""
_MOST_LINE_BYTES = 1 << 24
_BUSY = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))
"""What may be otherwise in a while."""


class Busy(LintSeqError):
    """An answer that did not come, or not to its end; to ask again may help."""

    def __init__(
        self, message: str, after_s: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.after_s = after_s
        """How long the server asks to wait; None: it does not say."""
        self.status = status
        """What it answered; None: nothing, or not to the end."""


class Refused(LintSeqError):
    """A request that the server does not take as it is."""

    def __init__(self, message: str, status: int, words: str) -> None:
        super().__init__(message)
        self.status, self.words = status, words


@dataclass(frozen=True, slots=True)
class Piece:
    """What a server says of one choice at a time."""

    choice: int
    """Its index, as the server numbers them."""
    text: str
    tokens: tuple[tuple[str, float], ...] = ()
    """The tokens of `text`, or of the end, with log-probabilities; none where none are given."""
    end: str | None = None
    """Why the choice is over, in the server's word; None: it goes on."""
    stop: str | int | None = None
    """The stop string or token that ended it; "" where the server does not say."""
    n_tokens: int | None = None
    """Tokens of the whole answer, with its end; None: not given."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """What a server lists."""

    name: str
    context_length: int | None = None


@dataclass(frozen=True, slots=True)
class ServerClient:
    """Asks the server at `base_url`, which ends where "/completions" begins, usually with /v1."""

    base_url: str
    key: str | None = field(default=None, repr=False)
    silence_s: float = SILENCE_S

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        try:
            is_whole = (
                parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
            )
        except ValueError:  # a port that is none
            is_whole = False
        if parts.username or parts.password or parts.query or parts.fragment:
            raise LintSeqError(
                f"--base-url holds more than an address: keys belong in {KEY_VARIABLE}, nothing "
                "behind a ? or # is sent"
            )
        if not is_whole:
            raise LintSeqError(
                f"--base-url {self.base_url!r}: expected an address such as "
                "http://localhost:8000/v1"
            )
        if self.key is not None and not (self.key.isascii() and self.key.isprintable()):
            raise LintSeqError(f"{KEY_VARIABLE} holds what no key does; set it to the key alone")

    def models(self) -> list[ServedModel] | None:
        """What the server lists; None where it has no list. LintSeqError if none answers there."""
        try:
            with self._answer("GET", "/models", None, CONNECT_S) as answer:
                listed = self._json(answer.read(_MOST_LINE_BYTES), "its list of models")
        except (Refused, Busy) as error:
            # `transformers serve` answers 500 where nothing was ever fetched from the Hub.
            if error.status in (None, 401, 403):
                raise
            return None
        rows = listed.get("data") if isinstance(listed, dict) else None
        return [_served(row) for row in rows if isinstance(row, dict)] if rows else []

    def stream(
        self, path: str, body: dict[str, Any], live: LiveAnswers | None = None
    ) -> Generator[Piece]:
        """What the server answers, piece by piece; ends of choices come last.

        Busy where it did not come whole: what came before was yielded. Refused where the request
        is not taken; LintSeqError where what comes is no such answer.
        """
        ends: dict[int, Piece] = {}
        n_tokens: int | None = None
        failure: LintSeqError | None = None
        try:
            with self._answer("POST", path, body, self.silence_s, live) as answer:
                for record in self._records(answer):
                    n_tokens = _usage(record) or n_tokens
                    for piece in _pieces(record):
                        if piece.text and piece.choice in ends:  # its index is used a second time
                            yield ends.pop(piece.choice)
                        if piece.text:
                            yield piece
                        elif piece.end is not None:
                            ends.setdefault(piece.choice, piece)
        except LintSeqError as error:
            failure = error
        alone = len(ends) == 1
        for piece in ends.values():
            yield replace(piece, n_tokens=n_tokens if alone else None)
        if failure is not None:
            raise failure

    @contextlib.contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        silence_s: float,
        live: LiveAnswers | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        parts = urlsplit(self.base_url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        assert parts.hostname is not None
        connection = kind(parts.hostname, parts.port, timeout=CONNECT_S)
        headers = {"Accept": "application/json, text/event-stream", "User-Agent": "lintseq"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self.key is not None:
            headers["Authorization"] = f"Bearer {self.key}"
        try:
            try:
                connection.connect()
            except (OSError, ssl.SSLError) as error:
                raise Busy(
                    f"nothing answers at {self.base_url} ({_reason(error)}): start the server, or "
                    "check --base-url"
                ) from None
            connection.sock.settimeout(silence_s)
            if live is not None:
                live.add(connection)
            try:
                data = None if body is None else json_text(body).encode()
                connection.request(method, parts.path.rstrip("/") + path, data, headers)
                answer = connection.getresponse()
                self._check(answer)
                yield answer
            except (OSError, http.client.HTTPException) as error:
                raise Busy(
                    f"{self.base_url} broke off ({_reason(error)}): see what the server's log says"
                ) from None
        finally:
            if live is not None:
                live.remove(connection)
            connection.close()

    def _check(self, answer: http.client.HTTPResponse) -> None:
        """Raise what the status says, in a line."""
        status, where = answer.status, self.base_url
        if 200 <= status < 300:
            return
        if 300 <= status < 400:
            to = self._safe(answer.getheader("Location") or "another address")
            raise LintSeqError(f"{where} sends on to {to}: give the right address as --base-url")
        words = self._safe(_error_words(answer.read(1 << 16)))
        told = f" ({words})" if words else ""
        if status in _BUSY:
            raise Busy(
                f"{where} answers {status}{told}: ask less at a time (--parallel), or later",
                _retry_after(answer),
                status,
            )
        if status in (401, 403):
            remedy = f"does not accept the key: set {KEY_VARIABLE} in the environment"
        elif status == 404:
            remedy = "has no such model or address: check --model and --base-url"
        else:
            remedy = "refuses the request: change what it names"
        raise Refused(f"{where} {remedy}; it answers {status}{told}", status, words)

    def _records(self, answer: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
        """The JSON objects of an answer: one a "data:" line, or one alone."""
        kind = (answer.getheader("Content-Type") or "").lower()
        if "text/html" in kind:
            raise self._no_server("a web page")
        if "text/event-stream" not in kind:
            data = answer.read(_MOST_LINE_BYTES)
            if data.lstrip()[:1] == b"<":
                raise self._no_server("a web page")
            record = self._json(data, "its answer")
            if not isinstance(record, dict):
                raise self._no_server(f"{data[:40]!r}")
            yield self._checked(record, 400)
            return
        while line := answer.readline(_MOST_LINE_BYTES):
            name, _, value = line.strip().partition(b":")
            if name not in (b"data", b"error") or not value.strip():
                continue  # a comment that keeps the line alive, the name of an event
            if value.strip() == b"[DONE]":
                return
            record = self._json(value, "a line of its stream")
            if not isinstance(record, dict):
                raise self._no_server(f"{value[:40]!r}")
            yield self._checked(record)

    def _checked(self, record: dict[str, Any], code: int = 500) -> dict[str, Any]:
        """`record`, unless it tells an error; `code`: its status where it says none."""
        if not record.get("error"):
            return record
        error = record["error"]
        given = error.get("code") if isinstance(error, dict) else None
        code = given if isinstance(given, int) else code
        words = self._safe(_error_words(json_text(record).encode()))
        if code in _BUSY or code >= 500:
            raise Busy(f"{self.base_url} failed ({words}): see what the server's log says")
        raise Refused(
            f"{self.base_url} refuses the request ({words}): change what it names, or --base-url",
            code,
            words,
        )

    def _json(self, data: bytes, what: str) -> Any:
        if data.lstrip()[:1] == b"<":
            raise self._no_server("a web page")
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            start = self._safe(data[:40].decode(errors="replace").strip())
            raise self._no_server(f"no JSON ({start!r})", what) from None

    def _no_server(self, found: str, what: str = "it") -> LintSeqError:
        return LintSeqError(
            f"{self.base_url} is no OpenAI-compatible server, {what} is {found}: --base-url takes "
            "the address that ends in /v1"
        )

    def _safe(self, text: str) -> str:
        """`text` without the key, which some servers repeat."""
        short = " ".join(text.split())
        return (short.replace(self.key, "***") if self.key else short)[:300]


class LiveAnswers:
    """Connections in use, so that another thread can end them all."""

    def __init__(self) -> None:
        self._lock, self._over = threading.Lock(), threading.Event()
        self._connections: set[http.client.HTTPConnection] = set()

    @property
    def is_over(self) -> bool:
        """Whether all were ended."""
        return self._over.is_set()

    def wait(self, seconds: float) -> None:
        """Wait, unless all are ended meanwhile."""
        self._over.wait(seconds)

    def add(self, connection: http.client.HTTPConnection) -> None:
        """From now on `end` ends `connection` too."""
        with self._lock:
            self._connections.add(connection)
            if self.is_over:
                _shut(connection)

    def remove(self, connection: http.client.HTTPConnection) -> None:
        """It has ended by itself."""
        with self._lock:
            self._connections.discard(connection)

    def end(self) -> None:
        """End all; whoever reads from one of them is told that it broke off."""
        with self._lock:
            self._over.set()
            for connection in self._connections:
                _shut(connection)


def _shut(connection: http.client.HTTPConnection) -> None:
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def key_from_environment() -> str | None:
    """The key in LINTSEQ_SERVER_KEY, or None."""
    return os.environ.get(KEY_VARIABLE, "").strip() or None


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, http.client.IncompleteRead):
        return "its answer was cut off"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _retry_after(answer: http.client.HTTPResponse) -> float | None:
    """Seconds that Retry-After asks for: a number, or a date."""
    value = (answer.getheader("Retry-After") or "").strip()
    with contextlib.suppress(ValueError):
        seconds = float(value)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    with contextlib.suppress(ValueError, TypeError):
        from datetime import UTC, datetime

        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    return None


def _error_words(data: bytes) -> str:
    """What an error says: {"error": {"message": ...}}, {"error": ...}, {"detail": ...} or text."""
    text = data.decode(errors="replace")
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return "" if text.lstrip()[:1] == "<" else text
    for name in ("error", "detail", "message"):
        while isinstance(record, dict) and name in record:
            record = record[name]
    return record if isinstance(record, str) else json_text(record)


def _served(row: dict[str, Any]) -> ServedModel:
    """vLLM gives max_model_len, llama-server meta.n_ctx; others give neither."""
    meta = row.get("meta")
    lengths = [row.get("max_model_len"), meta.get("n_ctx") if isinstance(meta, dict) else None]
    known = [one for one in lengths if isinstance(one, int) and one > 0]
    return ServedModel(str(row.get("id", "")), known[0] if known else None)


def _usage(record: dict[str, Any]) -> int | None:
    usage = record.get("usage")
    found = usage.get("completion_tokens") if isinstance(usage, dict) else None
    return found if isinstance(found, int) and found > 0 else None


def _pieces(record: dict[str, Any]) -> Iterator[Piece]:
    choices = record.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if not isinstance(choice, dict):
            continue
        index, end = choice.get("index"), choice.get("finish_reason")
        number = index if isinstance(index, int) else 0
        text, tokens = _text(choice), tuple(_tokens(choice.get("logprobs")))
        if not isinstance(end, str) or not end:
            yield Piece(number, text, tokens)
            continue
        is_marked = (
            tokens and end != "length" and "".join(token for token, _ in tokens[:-1]) == text
        )
        if text:  # an end marker is among the tokens and not in the text
            yield Piece(number, text, tokens[:-1] if is_marked else tokens)
        stop = choice.get("stop_reason", choice.get("matched_stop", ""))
        yield Piece(number, "", tokens[-1:] if is_marked else (), end, stop)


def _text(choice: dict[str, Any]) -> str:
    """Completions say "text", chats "delta" in a stream and "message" outside of one."""
    for holder in (choice, choice.get("delta"), choice.get("message")):
        for name in ("text", "content"):
            if isinstance(holder, dict) and isinstance(holder.get(name), str):
                return str(holder[name])
    return ""


def _tokens(logprobs: Any) -> Iterator[tuple[str, float]]:
    """Of both forms: columns, as completions have them, and a list, as chats and llama-server."""
    if not isinstance(logprobs, dict):
        return
    rows: list[tuple[Any, Any]] = []
    listed = logprobs.get("content")
    if isinstance(listed, list):
        rows = [(row.get("token"), row.get("logprob")) for row in listed if isinstance(row, dict)]
    else:
        texts, figures = logprobs.get("tokens"), logprobs.get("token_logprobs")
        if isinstance(texts, list) and isinstance(figures, list):
            rows = list(zip(texts, figures, strict=False))
    for text, figure in rows:
        is_number = isinstance(figure, int | float) and not isinstance(figure, bool)
        yield (text if isinstance(text, str) else ""), float(figure) if is_number else math.nan

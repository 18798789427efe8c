"""Visitors of the dashboard that speak Streamlit's own protocol, without a browser.

Each opens a session, runs pages as a browser asks for them and thinks between two. What a page
answers is read to its end; an exception that it shows is a fault. They press no widgets: that is
what the windows (`windows.py`) are for.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

PROGRAMS = ("matrix_sum", "coin_change", "bank_accounts", "no_such_program", "../../etc/passwd")
LABS = ("One sequence", "Many sequences", "Compare linters", "Predict", "\u202e<b>")
VIEWS = {
    "generations": (
        "All problems", "One sample", "All samples", "Prefix tree", "Two models", "Malformed edits",
        "none of them",
    ),
    "pass_at_k": (
        "Curves", "Difference of two", "Problem by problem", "Forecast",
        "How many samples?", "The estimator",
    ),
    "diversity": (
        "Measures", "Quality and diversity", "One problem", "Does a gain go with it?",
    ),
    "data": ("Rows", "Statistics", "Two data sets", "Import"),
}  # fmt: skip
"""Of each page, as its control names them; one that there is not."""
THINK_S, PATIENCE_S, PAGES_OF_A_SESSION = 30.0, 120.0, 12
MAX_MESSAGE = 64 << 20


@dataclass(slots=True)
class Visits:
    """What all visitors met."""

    seconds: list[float] = field(default_factory=list)
    """From asking for a page to its last message."""
    slowest: list[tuple[float, str]] = field(default_factory=list)
    """The three pages that took longest, and how long."""
    sessions: int = 0
    faults: list[str] = field(default_factory=list)


async def visit(url: str, visits: Visits, *, seed: int, until: float) -> None:
    """One visitor, session after session, until the clock (time.monotonic) says `until`."""
    rng = random.Random(seed)
    address_of_page = ""
    while time.monotonic() < until:
        try:
            async with session(url) as line:
                visits.sessions += 1
                for _ in range(rng.randrange(1, PAGES_OF_A_SESSION)):
                    page, query = choose_page(rng)
                    address_of_page = f"/{page}?{query[:80]}"
                    start = time.monotonic()
                    wrong = await asyncio.wait_for(run_page(line, page, query), PATIENCE_S)
                    taken = time.monotonic() - start
                    visits.seconds.append(taken)
                    visits.slowest = sorted([*visits.slowest, (taken, address_of_page)])[-3:]
                    visits.faults += [f"{address_of_page}: {one}" for one in wrong]
                    await asyncio.sleep(rng.expovariate(1 / THINK_S))
                    if time.monotonic() >= until:
                        break
        except TimeoutError:
            visits.faults.append(f"{address_of_page}: took over {PATIENCE_S:.0f} s")
        except (OSError, WebSocketException) as error:
            visits.faults.append(f"{address_of_page}: no connection: {error}")
            await asyncio.sleep(1)


def session(url: str) -> connect:
    """A session with the server at `url`: it reads at once and lets the server ping, as a browser."""
    return connect(
        url.replace("http", "ws", 1) + "/_stcore/stream",
        subprotocols=["streamlit"], origin=url, max_size=MAX_MESSAGE, max_queue=None,
        ping_interval=None,
    )  # fmt: skip


async def run_page(line: ClientConnection, page: str, query: str) -> list[str]:
    """Ask for a page and read all it sends; the exceptions that it shows."""
    asked = BackMsg()
    asked.rerun_script.page_name = page
    asked.rerun_script.query_string = query
    await line.send(asked.SerializeToString())
    wrong: list[str] = []
    while True:
        told = ForwardMsg.FromString(await _bytes(line.recv))
        kind = told.WhichOneof("type")
        if kind == "delta" and told.delta.new_element.WhichOneof("type") == "exception":
            shown = told.delta.new_element.exception
            wrong.append(f"{shown.type}: {shown.message}"[:200])
        elif kind == "script_finished":
            return wrong


async def _bytes(receive: Callable[..., object]) -> bytes:
    given = await receive(decode=False)  # type: ignore[misc]
    assert isinstance(given, bytes)
    return given


def choose_page(rng: random.Random) -> tuple[str, str]:
    """A page and its parameters: what links hold, and now and then what no link should."""
    page = rng.choice(
        ("", "lessons", "trajectories", "generations", "pass_at_k", "diversity", "data")
    )
    fields: dict[str, object] = {}
    if page == "trajectories":
        fields = {
            "program": rng.choice(PROGRAMS), "seed": rng.randrange(50), "step": rng.randrange(8),
            "lab": rng.choice(LABS), "n": rng.choice((10, 50)),
        }  # fmt: skip
    elif page == "generations":
        fields = {"see": rng.choice(VIEWS["generations"]), "step": rng.randrange(9)}
    elif page == "pass_at_k":
        fields = {"passk_view": rng.choice(VIEWS["pass_at_k"])}
    elif page == "diversity":
        fields = {"div_view": rng.choice(VIEWS["diversity"])}
    elif page == "data":
        fields = {"data_view": rng.choice(VIEWS["data"])}
    if rng.random() < 0.1:
        fields = {rng.choice(("program", "row", "in_lines", "code", "zz")): "\0<script>" * 200}
    return page, urlencode(fields)

"""Servers that tests, the soak and measurements start: a port that stays free, and when they answer.

A port that the system gives out (`bind` to 0) comes from the range from which every connection
of this machine takes its own end: between asking and serving, a browser or a kernel may take it.
"""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
import urllib.request

BELOW_EPHEMERAL = range(20_000, 32_000)  # Linux gives out 32768 to 60999, others from 49152
READY_S = 60


def free_port() -> int:
    """A port of localhost that nobody listens on and that no outgoing connection will take."""
    for port in random.SystemRandom().sample(BELOW_EPHEMERAL, 100):
        with socket.socket() as probe:
            if probe.connect_ex(("localhost", port)) == 0:
                continue
        try:
            socket.create_server(("localhost", port)).close()
        except OSError:
            continue
        return port
    raise OSError(f"none of 100 ports of {BELOW_EPHEMERAL} is free")


def serve_command(port: int) -> list[str]:
    """The command that serves the checkout's explorer as `make dashboard` does, in its folder."""
    options = {
        "server.address": "localhost",
        "server.port": port,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/streamlit_app.py"]
    return command + [part for name, value in options.items() for part in (f"--{name}", str(value))]


def wait_until_healthy(
    process: subprocess.Popen[bytes], url: str, ready_s: float = READY_S
) -> None:
    """Return when `url` answers.

    Raises:
        RuntimeError: the server ended, with what it said, or did not answer within `ready_s`.
    """
    deadline = time.monotonic() + ready_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            output = process.stdout.read().decode() if process.stdout else ""
            raise RuntimeError(f"the server ended with code {process.returncode}:\n{output}")
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not answer within {ready_s:g} s")

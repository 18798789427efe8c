"""`lintseq dashboard`: the explorer in the browser, on the files named."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text

MAX_UPLOAD_MB = 100
"""Of one file: for the server, and for what the pages ask for."""
FILES_VARIABLE = "LINTSEQ_DASHBOARD_FILES"
"""Environment variable in which the pages find the paths, as a JSON list."""
EXECUTION_VARIABLE = "LINTSEQ_DASHBOARD_EXECUTION"
"""Environment variable that is "1" where the pages may run tests."""
SERVER_VARIABLE = "LINTSEQ_DASHBOARD_SERVER"
"""Environment variable with the address of the model server that pages may ask, and the model's
name, as a JSON list. Visitors choose neither: a page asks no other address."""


def dashboard(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH...",
            help="Python files, what `lintseq sample --format json` or `lintseq generate -o` "
            "wrote, folders of these and of models.",
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where it listens.")] = 8501,
    address: Annotated[
        str, typer.Option(help="Who may connect: localhost is this machine alone.")
    ] = "localhost",
    allow_execution: Annotated[
        bool,
        typer.Option("--allow-execution", help="Let pages run benchmark tests."),
    ] = False,
    base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="An OpenAI-compatible server whose --model the pages may ask to write.",
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="What that server calls it.")
    ] = None,
) -> None:
    """Open the explorer on http://localhost:8501, on your own files if you name some.

    \b
    lintseq dashboard
    lintseq dashboard program.py rows.jsonl
    lintseq dashboard my_programs/ --port 8502
    """
    if (base_url is None) != (model is None):
        raise typer.BadParameter("--base-url and --model go together")
    if base_url is not None:
        from lintseq_core.generation.server_client import ServerClient

        ServerClient(base_url)  # an address that is none is refused here
    script = find_dashboard()
    missing = [path for path in paths or [] if not path.exists()]
    if missing:
        raise LintSeqError(f"{missing[0]}: no such file or folder; check the path")
    for package in ("streamlit", "plotly"):
        if importlib.util.find_spec(package) is None:
            raise LintSeqError(f"{package} is not installed: pip install 'lintseq-core[dashboard]'")
    _refuse_taken(address, port)
    environment = {
        **os.environ,
        FILES_VARIABLE: json_text([str(path.resolve()) for path in paths or []]),
        EXECUTION_VARIABLE: "1" if allow_execution else "",
    }
    if base_url is not None:
        environment[SERVER_VARIABLE] = json_text([base_url, model])
    print(f"LintSeq explorer: http://{address}:{port}   (Ctrl-C ends it)", flush=True)
    os.chdir(script.parents[1])  # where .streamlit/config.toml stands
    command = serve_command(script, address, port)
    if os.name == "nt":
        raise typer.Exit(subprocess.call(command, env=environment))
    os.execve(command[0], command, environment)  # so that a signal reaches the server itself


def find_dashboard() -> Path:
    """The script of the dashboard: in the package from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_explorer", package.parent):
        script = folder / "dashboard" / "streamlit_app.py"
        if script.is_file():
            return script
    raise LintSeqError(
        f"{package}: the explorer's pages are missing; install lintseq-core from its wheel or a "
        "checkout"
    )


def serve_command(script: Path, address: str, port: int) -> list[str]:
    """The command that serves `script`, as `make dashboard` serves it."""
    options = {
        "server.address": address,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.maxUploadSize": str(MAX_UPLOAD_MB),
        "browser.gatherUsageStats": "false",
    }
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(script), *given]


def _refuse_taken(address: str, port: int) -> None:
    try:
        socket.create_server((address, port)).close()
    except OSError:
        raise LintSeqError(
            f"port {port} of {address} cannot be used; choose another with --port"
        ) from None

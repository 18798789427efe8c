"""The `lintseq` command.

Puts the commands together and turns every error into one line and an exit code. A command reads
its options, calls the library and prints; it computes nothing.
"""

from __future__ import annotations

import os
import sys

import typer

from lintseq_core.cli.apply import apply
from lintseq_core.cli.convert import convert
from lintseq_core.cli.dashboard import dashboard
from lintseq_core.cli.dataset import dataset_app
from lintseq_core.cli.diagnose import diagnose
from lintseq_core.cli.diversity import diversity
from lintseq_core.cli.doctor import doctor
from lintseq_core.cli.evaluate import evaluate
from lintseq_core.cli.explain import explain
from lintseq_core.cli.export import export
from lintseq_core.cli.generate import generate
from lintseq_core.cli.guard import guard
from lintseq_core.cli.lesson import lesson
from lintseq_core.cli.models import models_app
from lintseq_core.cli.passk import passk
from lintseq_core.cli.pocket import pocket_app
from lintseq_core.cli.pretrain import pretrain
from lintseq_core.cli.sample import sample
from lintseq_core.cli.shell import (
    BAD_INPUT,
    BAD_USAGE,
    INTERRUPTED,
    LINTER_FAILED,
    help_of,
)
from lintseq_core.cli.train import train
from lintseq_core.cli.verify import verify
from lintseq_core.cli.view import view
from lintseq_core.errors import LinterFailure, LinterUnavailable, LintSeqError

app = typer.Typer(
    help="""LintSeq: write a program as a sequence of edits, each free of new linter errors.

    \b
    lintseq sample program.py
    lintseq explain program.py --line 12
    lintseq COMMAND --help    # more examples

    Exit codes: 0 done, 1 a check failed, 2 bad usage, 3 bad input, 4 the linter failed.""",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    sample,
    explain,
    verify,
    apply,
    view,
    export,
    lesson,
    dashboard,
    pretrain,
    train,
    generate,
    guard,
    evaluate,
    diagnose,
    passk,
    diversity,
    convert,
    doctor,
):
    app.command(help=help_of(command))(command)
app.add_typer(dataset_app, name="dataset")
app.add_typer(models_app, name="models")
app.add_typer(pocket_app, name="pocket")


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    if version:
        from lintseq_core import __version__

        print(f"lintseq {__version__}")
        raise typer.Exit


# typer carries its own copy of click, so its base classes are reached through a public one.
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]


def main() -> None:
    """Run the command line; every error is one line on stderr and an exit code."""
    try:
        code = _run()
    except _UsageError as error:
        message: str = error.format_message()  # type: ignore[attr-defined]
        if not message:  # no command at all: the help is on the screen
            sys.exit(BAD_USAGE)
        context = getattr(error, "ctx", None)
        names: list[str] = []
        while context and context.parent:
            names.insert(0, context.info_name)
            context = context.parent
        command = " ".join(["lintseq", *names])
        _fail(f"{message.rstrip('.')}; see '{command} --help'", BAD_USAGE)
    except typer.Abort:
        sys.exit(INTERRUPTED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except LinterUnavailable as error:
        _fail(str(error), BAD_USAGE)
    except LinterFailure as error:
        _fail(str(error), LINTER_FAILED)
    except LintSeqError as error:
        _fail(str(error), BAD_INPUT)
    except OSError as error:
        _fail(f"{error.filename or 'output'}: {error.strerror}; check the path", BAD_INPUT)
    sys.exit(code)


def _run() -> int:
    try:
        code = int(app(standalone_mode=False) or 0)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):
        # The reader of our output has seen enough, as in `| head`; typer makes SystemExit(1) of it,
        # which would read as a failed check. Nothing else raises SystemExit in this mode.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    return code


def _fail(message: str, code: int) -> None:
    line = " ".join(message.split())
    print(f"lintseq: error: {line}", file=sys.stderr)
    sys.exit(code)

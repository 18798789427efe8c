"""Generated edits and programs as coloured text, as they come; colour is never the only mark."""

from __future__ import annotations

from rich.text import Text

from lintseq_core.cli.terminal import INSERTED, make_console, printable
from lintseq_core.generation.steps import EditStep, SampleEnd, StopReason

_WRONG = "dark_orange3"
_STOPPED: dict[StopReason, str] = {
    "close": "closed by two empty edits",
    "eos": "ended by its end marker",
    "stop": "ended by a stop string",
    "max_tokens": "cut off: --max-tokens are spent",
    "context": "cut off: the model's context is full",
}


class Printer:
    """Prints events; where there are several samples, each as a whole when it ends."""

    def __init__(self, n_samples: int) -> None:
        self._console = make_console()
        self._n_samples = n_samples
        self._waiting: dict[int, list[EditStep]] = {}

    def take(self, event: EditStep | SampleEnd) -> None:
        """Print `event`, now or with its sample."""
        if isinstance(event, EditStep):
            if self._n_samples == 1:
                self._print_step(event)
            else:
                self._waiting.setdefault(event.sample_index, []).append(event)
            return
        if self._n_samples > 1:
            title = f"Sample {event.sample_index + 1} of {self._n_samples}"
            self._console.print(Text(title, style="bold reverse"))
        steps = self._waiting.pop(event.sample_index, [])
        for step in steps:
            self._print_step(step)
        self._print_end(event)

    def _print_step(self, step: EditStep) -> None:
        tries = f", try {step.attempt + 1}" if step.attempt else ""
        figures = [f"{len(step.tokens)} tokens", f"log-probability {step.log_prob:.1f}"]
        if step.entropy is not None:
            figures.append(f"entropy {step.entropy:.2f}")
        if step.seconds is not None:
            figures.append(f"{step.seconds:.1f} s")
        heading = Text(f"Step {step.step_index + 1}{tries}", style="bold")
        heading.append(f"  {', '.join(figures)}", style="not bold dim")
        self._console.print(heading)
        for line in step.text.split("\n"):
            style = "cyan" if line.startswith("@@") else INSERTED if line[:1] == "+" else ""
            self._console.print(Text(f"  {printable(line)}".rstrip(), style=style))
        for fault in step.faults:
            self._wrong(f"fault: {fault} ({fault.remedy})")
        for finding in step.new_findings:
            about = ", ".join(finding.arguments).removesuffix(" on line")
            self._wrong(f"new finding: line {finding.line_number}: {finding.code}: {about}")
        if step.objection is not None:
            what = "rejected, drawn again" if step.outcome == "rejected" else "kept all the same"
            self._wrong(f"guard: {step.objection}: {what}")
        if step.verdict is not None:
            self._console.print(Text(f"  tests: {step.verdict}", style="dim"))
        self._console.print()

    def _print_end(self, end: SampleEnd) -> None:
        cost = f"{end.n_tokens} tokens"
        if end.n_rejected_tokens:
            cost += f", {end.n_rejected_tokens} of them rejected"
        seconds = "" if end.seconds is None else f", {end.seconds:.1f} s"
        heading = Text("Program", style="bold")
        heading.append(f"  {_STOPPED[end.stop_reason]}; {cost}{seconds}", style="not bold dim")
        self._console.print(heading)
        for number, line in enumerate(end.program.rstrip("\n").split("\n"), start=1):
            shown = Text(f"{number:>6}   ", style="dim") if end.program else Text("  (empty)")
            shown.append(printable(line).rstrip(), style="not dim")
            self._console.print(shown)
        for fault in end.faults:
            if fault.kind in ("truncated", "text after the close"):
                self._wrong(f"fault: {fault}")
        if not end.compiles:
            self._wrong("Python does not accept it")
        if end.verdict is not None:
            self._console.print(Text(f"  tests: {end.verdict}", style="dim"))
        self._console.print()

    def _wrong(self, text: str) -> None:
        self._console.print(Text(f"  ! {printable(text)}", style=_WRONG))

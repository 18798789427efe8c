"""Programs that solve a task, each written one way of many.

A program has a habit: comprehensions, loops, small functions, `map` and `filter`, or a generator.
It decides how likely each choice is; which parts become functions, what is imported, and where it
leaves early is drawn with it. Names follow from the task, so that two programs of a task that
differ are written differently.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from lintseq_core.benchmarks.pocket.parts import VARIABLES, Form, Loop, Part
from lintseq_core.benchmarks.pocket.task import Chosen, PocketTask

LINES = range(8, 26)
"""How many lines a program has, empty ones too, where one of so many can be written."""
_WIDEST = 88
_N_TRIES = 40
_INDENT = "    "
_OPPOSITES = {
    " == ": " != ", " != ": " == ", " > ": " <= ", " <= ": " > ", " < ": " >= ", " >= ": " < ",
    " not in ": " in ", " in ": " not in ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Habit:
    """How likely a program makes each choice; all from 0 to 1."""

    function: float
    """A part becomes a function of its own."""
    loop: float
    """Values go through a loop, not a comprehension."""
    lambda_: float
    """`map` and `filter`."""
    generator: float
    """A generator yields the values."""
    named: float
    """Numbers of the task get a name."""


HABITS = {
    "comprehensions": Habit(0.15, 0.0, 0.0, 0.0, 0.5),
    "loops": Habit(0.1, 1.0, 0.0, 0.0, 0.2),
    "functions": Habit(0.9, 0.3, 0.1, 0.0, 0.2),
    "mapping": Habit(0.4, 0.0, 1.0, 0.0, 0.4),
    "generator": Habit(0.2, 0.5, 0.0, 1.0, 0.2),
}


def write_program(task: PocketTask, rng: random.Random, habit: str | None = None) -> str:
    """A program that solves `task`, by a way drawn by `rng`; `habit` names one of `HABITS`."""
    nearest, least_off = "", -1
    for n_tried in range(2 * _N_TRIES):
        name = "comprehensions" if n_tried >= _N_TRIES else habit or rng.choice(list(HABITS))
        text = _Writing(task, rng, HABITS[name]).text()
        lines = text.split("\n")[:-1]
        off = max(LINES.start - len(lines), len(lines) - LINES.stop + 1, 0)
        off += max(0, max(map(len, lines)) - _WIDEST)
        if off == 0:
            return text
        if least_off < 0 or off < least_off:
            nearest, least_off = text, off
    return nearest


@dataclass(slots=True)
class _Flow:
    """Values on their way: what a loop goes through, and the expression that holds them."""

    clauses: tuple[tuple[str, str], ...]
    type: str
    noun: str
    is_list: bool
    forms: tuple[Form, ...] = ()

    @property
    def expression(self) -> str:
        """What the only clause goes through."""
        ((_, iterable),) = self.clauses
        return iterable

    @property
    def variable(self) -> str:
        return self.clauses[-1][0]

    @property
    def in_comprehension(self) -> str:
        return " ".join(f"for {variable} in {_unlisted(code)}" for variable, code in self.clauses)


@dataclass(slots=True)
class _Writing:
    """One program on its way to text."""

    task: PocketTask
    rng: random.Random
    habit: Habit
    modules: set[str] = field(default_factory=set)
    constants: dict[str, str] = field(default_factory=dict)
    functions: dict[str, list[str]] = field(default_factory=dict)
    owners: dict[str, Part] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def text(self) -> str:
        """The program; each call writes another."""
        self._write()
        blocks = []
        head = []
        if self.modules:
            head.append("\n".join(_imports(self.modules)))
        if self.constants:
            head.append("\n".join(f"{name} = {value}" for name, value in self.constants.items()))
        if head:
            blocks.append("\n\n".join(head))
        blocks += ["\n".join(lines) for lines in self.functions.values()]
        body = [_INDENT + line for line in self.lines]
        blocks.append("\n".join([f"def {self.task.signature}:", *body]))
        return "\n\n\n".join(blocks) + "\n"

    def _write(self) -> None:
        view, task = self.task.view, self.task
        flow = _Flow(view.clauses, view.gives, view.noun, view.is_list, view.forms)
        steps = list(task.steps)
        gathering = task.gathering.part
        can_fuse = bool(gathering.loops)
        while steps:
            if steps[0].part.kind == "arrange":
                flow = self._arranged(flow, steps.pop(0))
                continue
            n_run = next(
                (i for i, step in enumerate(steps) if step.part.kind == "arrange"), len(steps)
            )
            run, steps = steps[:n_run], steps[n_run:]
            if not steps and can_fuse and self._likely(self.habit.loop):
                self._loop_gathered(flow, run)
                return
            flow = self._each(flow, run)
        only_loops = not gathering.forms
        if can_fuse and (only_loops or self._likely(self.habit.loop)):
            self._loop_gathered(flow, [])
            return
        self._gathered(flow)

    # values one by one

    def _each(self, flow: _Flow, run: Sequence[Chosen]) -> _Flow:
        """The values after the steps `run`."""
        noun = _noun(run[-1], flow.noun)
        type_ = _type_after(flow.type, run)
        if self._likely(self.habit.generator) and "pick" not in self.owners:
            return self._yielded(flow, run, type_, noun)
        if self._likely(self.habit.lambda_) and flow.type not in ("pair", "couple"):
            return self._mapped(flow, run)
        if self._likely(self.habit.loop):
            self._line(f"{noun} = []")
            self._loop(flow, run, lambda x: [f"{noun}.append({x})"])
            return self._named(noun, type_)
        while run:
            flow, run = self._comprehended(flow, run)
            if run:
                flow = self._assigned(flow)
        return flow

    def _comprehended(self, flow: _Flow, run: Sequence[Chosen]) -> tuple[_Flow, Sequence[Chosen]]:
        """The values after as many steps as one comprehension takes, and the steps left."""
        current, type_, conditions = flow.variable, flow.type, list[str]()
        noun = flow.noun
        for i, step in enumerate(run):
            if step.part.kind == "keep":
                if current != flow.variable:
                    return self._made(current, flow, conditions, type_, noun), run[i:]
                conditions.append(self._value(step, current, type_))
            else:
                current = self._value(step, current, type_)
                type_ = step.part.gives
            noun = _noun(step, noun)
        return self._made(current, flow, conditions, type_, noun), ()

    def _made(
        self, current: str, flow: _Flow, conditions: list[str], type_: str, noun: str
    ) -> _Flow:
        value = f"({current})" if "," in flow.variable and current == flow.variable else current
        text = f"{value} {flow.in_comprehension}"
        if conditions:
            text += f" if {' and '.join(conditions)}"
        return _Flow(((VARIABLES[type_], f"[{text}]"),), type_, noun, is_list=True)

    def _mapped(self, flow: _Flow, run: Sequence[Chosen]) -> _Flow:
        """The values after `run`, by `map` and `filter`."""
        if len(flow.clauses) > 1:
            flow = self._assigned(flow)
        expression, type_, noun = flow.expression, flow.type, flow.noun
        for i, step in enumerate(run):
            variable = VARIABLES[type_]
            value = self._value(step, variable, type_)
            called = re.fullmatch(rf"(\w+)\({variable}\)", value)
            function = called[1] if called else f"lambda {variable}: {value}"
            which = "filter" if step.part.kind == "keep" else "map"
            expression = f"{which}({function}, {expression})"
            type_, noun = step.part.gives or type_, _noun(step, noun)
            if i < len(run) - 1 and len(expression) > 40:
                self._line(f"{noun} = {expression}")
                expression = noun
        return _Flow(((VARIABLES[type_], expression),), type_, noun, is_list=False)

    def _yielded(self, flow: _Flow, run: Sequence[Chosen], type_: str, noun: str) -> _Flow:
        """The values after `run`, from a generator function."""
        is_view = flow.clauses == self.task.view.clauses
        if not is_view:
            flow = self._assigned(flow)
        parameters = [name for name, _ in self.task.source.parameters]
        given = ", ".join(parameters) if is_view else flow.expression
        name = f"pick_{self.task.source.noun}"
        outer, self.lines = self.lines, []
        inner = flow if is_view else replace(flow, clauses=((flow.variable, "items"),))
        self._loop(inner, run, lambda x: [f"yield {x}"])
        head = f"def {name}({given if is_view else 'items'}):"
        body, self.lines = self.lines, outer
        self.owners["pick"] = run[0].part
        self.functions[name] = [head, *(_INDENT + line for line in body)]
        return _Flow(((VARIABLES[type_], f"{name}({given})"),), type_, noun, is_list=False)

    def _loop(self, flow: _Flow, run: Sequence[Chosen], sink: Callable[[str], list[str]]) -> None:
        """A loop through `flow` that hands each value after `run` to `sink`."""
        skips = self.rng.random() < 0.5
        depth = 0
        for variable, iterable in flow.clauses:
            if " for " in iterable:
                iterable = self._assigned(flow).expression
            self._line(f"for {variable} in {_unlisted(iterable)}:", depth)
            depth += 1
        current, type_ = flow.variable, flow.type
        for i, step in enumerate(run):
            value = self._value(step, current, type_)
            if step.part.kind == "keep":
                if skips:
                    self._line(f"if {_negated(value)}:", depth)
                    self._line("continue", depth + 1)
                elif i and run[i - 1].part.kind == "keep":
                    self.lines[-1] = f"{self.lines[-1][:-1]} and {value}:"
                else:
                    self._line(f"if {value}:", depth)
                    depth += 1
                continue
            type_ = step.part.gives
            if i == len(run) - 1 and all(line.count(value) <= 1 for line in sink(value)):
                current = value
            else:
                current = VARIABLES[type_]
                if value != current:
                    self._line(f"{current} = {value}", depth)
        shown = f"({current})" if current == "name, amount" or current == "a, b" else current
        for line in sink(shown):
            self._line(line, depth)

    def _value(self, step: Chosen, x: str, type_: str) -> str:
        """The step for the value `x`: its code, or a call of a function that it becomes."""
        part = step.part
        inline = [form for form in part.forms if not form.is_body]
        if not _is_atomic(x) and "," not in x:
            inline = [
                form for form in inline if form.code.count("{x}") + form.code.count("{e}") < 2
            ]
        if '"' in x:  # no text inside the braces of an f-string: Python 3.11 cannot read it
            inline = [form for form in inline if not form.code.startswith("f")]
        free = self.owners.get(part.verb, part) is part
        trivial = part.name in ("pair_name", "pair_amount")
        if inline and (trivial or not free or not self._likely(self.habit.function)):
            form = self.rng.choice(inline)
            self.modules.update(form.needs)
            return self._filled(form.code, step, x)
        if not free:
            raise AssertionError(f"{part.name}: the function {part.verb} is another part's")
        parameter = VARIABLES[type_]
        if part.verb not in self.functions:
            form = self.rng.choice(part.forms)
            self.modules.update(form.needs)
            code = self._filled(form.code, step, parameter)
            if not form.is_body:
                code = f"return {code}"
            self._define(part, parameter, code)
        return f"{part.verb}({x})"

    # all values at once

    def _arranged(self, flow: _Flow, step: Chosen) -> _Flow:
        """The values after a step that takes them all."""
        part = step.part
        noun = part.noun
        form = self._form(part.forms)
        self.modules.update(form.needs)
        variable = VARIABLES[flow.type]
        free = self.owners.get(part.verb, part) is part
        if form.is_body or (free and self._likely(self.habit.function)):
            name = self._list_name(flow) if "{xs}" in form.code else self._iterable(flow)
            code = self._filled(form.code, step, "items", xs="items", v=variable, out="result")
            if form.is_statements:
                code += "\nreturn result"
            elif not form.is_body:
                code = f"return {code}"
            self._define(part, "items", code)
            return _Flow(((variable, f"{part.verb}({name})"),), flow.type, noun, is_list=True)
        xs = self._list_name(flow) if "{xs}" in form.code else ""
        e = self._iterable(flow) if "{e}" in form.code else ""
        if " for " in e and "for {v} in {e}" in form.code:
            e = self._list_name(flow)
        code = self._filled(form.code, step, e, xs=xs, v=variable, out=noun)
        if form.is_statements:
            for line in code.split("\n"):
                self._line(line)
            return self._named(noun, flow.type)
        return _Flow(((variable, code),), flow.type, noun, is_list=True)

    def _gathered(self, flow: _Flow) -> None:
        """What the values come to, by an expression or a function, and the end."""
        chosen = self.task.gathering
        part = chosen.part
        form = self._form(part.forms)
        self.modules.update(form.needs)
        variable = VARIABLES[flow.type]
        if form.is_body:
            name = self._list_name(flow) if "{xs}" in form.code else self._iterable(flow)
            function = f"{part.verb}_values"
            code = self._filled(form.code, chosen, "items", xs="items", v=variable, self_=function)
            self._define(part, "items", code, function)
            self._end(f"{function}({name})")
            return
        xs = self._list_name(flow) if "{xs}" in form.code or form.guarded else ""
        if form.guarded:
            empty = self.task.show.part.run(part.run([], None), self.task.show.constant)
            self._line(f"if not {xs}:")
            self._line(f"return {_literal(empty)}", 1)
        e = xs or self._iterable(flow)
        code = self._filled(form.code, chosen, e, xs=xs, v=variable, out=part.noun)
        if form.is_statements:
            for line in code.split("\n"):
                self._line(line)
            code = part.noun
        self._end(code)

    def _loop_gathered(self, flow: _Flow, run: Sequence[Chosen]) -> None:
        """A loop that takes the steps `run` and gathers, and the end."""
        chosen = self.task.gathering
        part = chosen.part
        loop: Loop = self.rng.choice(part.loops)
        self.modules.update(loop.needs)
        for line in self._filled(loop.start, chosen, "", out=part.noun).split("\n"):
            self._line(line)
        self._loop(
            flow,
            run,
            lambda x: self._filled(loop.each, chosen, x, out=part.noun).split("\n"),
        )
        self._end(self._filled(loop.result, chosen, "", out=part.noun))

    def _end(self, value: str) -> None:
        """Return `value` as the task shows it."""
        show = self.task.show
        part = show.part
        noun = self.task.gathering.part.noun
        form = self.rng.choice(part.forms)
        if part.name == "plain":
            if not value.isidentifier() and self.rng.random() < 0.3:
                self._line(f"{noun} = {value}")
                value = noun
            self._line(f"return {value}")
            return
        self.modules.update(form.needs)
        free = self.owners.get(part.verb, part) is part
        if free and self._likely(self.habit.function):
            code = self._filled(form.code, show, noun)
            self._define(part, noun, code if form.is_body else f"return {code}")
            self._line(f"return {part.verb}({value})")
            return
        if not value.isidentifier() and (
            form.is_body or form.code.count("{x}") > 1 or not _is_atomic(value) or '"' in value
        ):
            self._line(f"{noun} = {value}")
            value = noun
        code = self._filled(form.code, show, value)
        for line in (code if form.is_body else f"return {code}").split("\n"):
            self._line(line)

    # pieces

    def _named(self, noun: str, type_: str) -> _Flow:
        return _Flow(((VARIABLES[type_], noun),), type_, noun, is_list=True)

    def _assigned(self, flow: _Flow) -> _Flow:
        """The same values as a list with a name."""
        return self._named(self._list_name(flow), flow.type)

    def _list_name(self, flow: _Flow) -> str:
        """The name of a list of the values, made if there is none."""
        if len(flow.clauses) == 1 and flow.is_list and flow.expression.isidentifier():
            return flow.expression
        expression = self._iterable(flow)
        if not (flow.is_list or expression.startswith(("[", "list(")) or _is_list(expression)):
            expression = f"list({expression})"
        if expression != flow.noun:
            self._line(f"{flow.noun} = {expression}")
        return flow.noun

    def _iterable(self, flow: _Flow) -> str:
        """An expression for the values."""
        forms = [form for form in flow.forms if self.rng.random() < 0.5]
        if forms:
            form = forms[0]
            self.modules.update(form.needs)
            code = form.code.replace("{out}", flow.noun)
            if not form.is_statements:
                return code
            for line in code.split("\n"):
                self._line(line)
            flow.forms, flow.clauses = (), ((flow.variable, flow.noun),)
            flow.is_list = True
            return flow.noun
        if len(flow.clauses) == 1:
            return flow.expression
        return f"[{flow.variable} {flow.in_comprehension}]"

    def _form(self, forms: Sequence[Form]) -> Form:
        """One of `forms`: statements where the habit is loops or functions, else expressions."""
        wants_statements = self._likely(max(self.habit.loop, 0.7 * self.habit.function))
        fitting = [
            form for form in forms if (form.is_statements or form.is_body) is wants_statements
        ]
        return self.rng.choice(fitting or list(forms))

    def _define(self, part: Part, parameters: str, code: str, name: str = "") -> None:
        name = name or part.verb
        self.owners[name] = part
        body = [_INDENT + line for line in code.split("\n")]
        self.functions[name] = [f"def {name}({parameters}):", *body]

    def _filled(
        self, code: str, step: Chosen, x: str, *, xs: str = "", v: str = "", out: str = "",
        self_: str = "",
    ) -> str:  # fmt: skip
        places = {
            "{xs}": xs,
            "{v}": v,
            "{out}": out,
            "{self}": self_,
            "{name}": "name",
            "{amount}": "amount",
            "{a}": "a",
            "{b}": "b",
            "{x}": x if _is_atomic(x) or code == "{x}" else f"({x})",
            "{e}": x,
        }
        if "{k}" in code:
            places["{k}"] = self._constant(step)
        for place, text in places.items():
            code = code.replace(place, text)
        return code

    def _constant(self, step: Chosen) -> str:
        name = step.part.constant
        value = str(step.constant)
        if not name or self.constants.get(name, value) != value:
            return value
        if name not in self.constants and not self._likely(self.habit.named):
            return value
        self.constants[name] = value
        return name

    def _likely(self, probability: float) -> bool:
        return self.rng.random() < probability

    def _line(self, text: str, depth: int = 0) -> None:
        self.lines.append(_INDENT * depth + text)


def _imports(needs: set[str]) -> list[str]:
    """The lines that import `needs`, whole modules first."""
    names: dict[str, list[str]] = {}
    lines = []
    for need in sorted(needs):
        module, _, name = need.rpartition(".")
        if module:
            names.setdefault(module, []).append(name)
        else:
            lines.append(f"import {name}")
    return lines + [f"from {module} import {', '.join(found)}" for module, found in names.items()]


def _is_list(code: str) -> bool:
    """True for an expression of a view that makes a list anew."""
    return code.endswith((".split()", ".splitlines()", "]"))


def _unlisted(code: str) -> str:
    """`code` without a `list(...)` around it, which a loop does not need.

    >>> _unlisted("list(islice(words, 2))"), _unlisted("list(a) + list(b)")
    ('islice(words, 2)', 'list(a) + list(b)')
    """
    inner = code.removeprefix("list(").removesuffix(")")
    is_wrapped = code == f"list({inner})"
    return inner if is_wrapped and _is_balanced(inner) else code


def _is_balanced(code: str) -> bool:
    depth = 0
    for character in code:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0


def _noun(step: Chosen, known: str) -> str:
    return step.part.noun or known


def _type_after(type_: str, run: Sequence[Chosen]) -> str:
    for step in run:
        type_ = step.part.gives or type_
    return type_


def _negated(condition: str) -> str:
    """The opposite of a condition, without `not` where an operator has an opposite.

    >>> _negated("n % 2 == 0"), _negated("is_even(n)"), _negated("-3 <= n <= 3")
    ('n % 2 != 0', 'not is_even(n)', 'not -3 <= n <= 3')
    """
    if condition.startswith("not ") and " not in " not in condition:
        return condition.removeprefix("not ")
    found = [(at, operator) for operator in _OPPOSITES for at in _top_level(condition, operator)]
    found = [pair for pair in found if pair[1] != " in " or not _covers_not_in(condition, pair[0])]
    if len(found) == 1 and " is " not in condition:
        ((at, operator),) = found
        return condition[:at] + _OPPOSITES[operator] + condition[at + len(operator) :]
    return f"not {condition}"


def _covers_not_in(condition: str, at: int) -> bool:
    return condition[:at].endswith(" not")


def _top_level(text: str, part: str) -> list[int]:
    """Where `part` stands in `text` outside of brackets and quotes."""
    places, depth, quote = [], 0, ""
    for i, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
            continue
        if character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        if depth == 0 and text.startswith(part, i):
            places.append(i)
    return places


def _is_atomic(text: str) -> bool:
    """True for code that stays together beside any operator."""
    return not text.startswith("-") and not any(
        _top_level(text, operator) for operator in (" ", "+", "*", "/", "%", "<", ">", "=")
    )


def _literal(value: object) -> str:
    """`value` as Python, texts in double quotes."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return repr(value)

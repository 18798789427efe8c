"""Context managers that change something and always put it back.

`override` changes settings for the length of a with block; `section` prints a
heading and indents what is reported inside it.
"""

from contextlib import ExitStack, contextmanager, suppress

settings = {"precision": 2, "separator": ".", "unit": "km"}
depth = 0


def report(text):
    print("  " * depth + text)


@contextmanager
def section(title):
    global depth
    report(f"[{title}]")
    depth += 1
    try:
        yield
    finally:
        depth -= 1


@contextmanager
def override(**changes):
    if unknown := changes.keys() - settings.keys():
        raise KeyError(f"no such setting: {', '.join(sorted(unknown))}")
    before = {name: settings[name] for name in changes}
    settings.update(changes)
    try:
        yield settings
    finally:
        settings.update(before)


def show_distance(kilometres):
    factor = {"km": 1, "mi": 0.621371}[settings["unit"]]
    number = f"{kilometres * factor:.{settings['precision']}f}"
    report(f"{number.replace('.', settings['separator'])} {settings['unit']}")


show_distance(42.195)
with section("miles"), override(unit="mi"):
    show_distance(42.195)
    with section("rounded"), override(precision=0):
        show_distance(42.195)
    show_distance(42.195)

with suppress(ZeroDivisionError), section("failing"), override(precision=4):
    show_distance(1 / 3)
    show_distance(1 / 0)

with ExitStack() as stack:
    for change in ({"separator": ","}, {"precision": 1}):
        stack.enter_context(override(**change))
    show_distance(42.195)

show_distance(42.195)

"""A recording in which one statement does something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lintseq_core.edits.incremental.scopes import (
    COMPREHENSION,
    POSTPONED,
    Event,
    Scope,
    Trace,
    Unmodelled,
    open_scope,
)


def patch(
    trace: Trace, orders: Sequence[int], span: range, alone: Trace, places: Sequence[int | None]
) -> Trace:
    """`trace` with the events at `orders`, a simple statement's, as `alone` has them.

    `span` are the lines of the statement, `places` the lines of `alone` as lines of the program.
    Raises Unmodelled if the statement holds more than names and comprehensions.
    """
    start, end = orders[0], orders[-1] + 1
    touched = [*trace.events[start:end], *alone.events]
    if (
        end - start != len(orders)
        or any(start <= order < end for order in trace.guards)
        or any(start <= order <= end for order, _ in trace.stars)
        or any(start <= export.order <= end for export in trace.exports)
        or any(event.flag == POSTPONED or event.name.startswith("annotation ") for event in touched)
    ):
        raise Unmodelled("a statement that means more than its names")
    scopes = list(trace.scopes)
    mapped = _map_scopes(trace, start, span, alone, places, scopes)
    events = []
    for event in alone.events:
        place = places[event.line]
        if place is not None:
            events.append(event._replace(line=place, scope=mapped[event.scope]))
    shift = len(events) - len(orders)

    def moved(order: int) -> int:
        return order + shift if order >= end else order

    return replace(
        trace,
        events=[*trace.events[:start], *events, *trace.events[end:]],
        scopes=scopes,
        exports=[replace(export, order=moved(export.order)) for export in trace.exports],
        stars=[(moved(order), line) for order, line in trace.stars],
        guards={moved(order): lines for order, lines in trace.guards.items()},
    )


def _map_scopes(
    trace: Trace,
    start: int,
    span: range,
    alone: Trace,
    places: Sequence[int | None],
    scopes: list[Scope],
) -> dict[int, int]:
    """For each scope of `alone` its index in `scopes`, which grows by those that are new."""
    first: Event = trace.events[start]
    outside = [
        scope
        for scope in trace.scopes[first.scope].stack
        if scope == 0 or trace.scopes[scope].place[0] not in span
    ]
    mapped: dict[int, int] = {}
    for index, scope in enumerate(alone.scopes):
        place = places[scope.place[0]] if index else None
        if place is None:  # the module, or the function around the statement
            mapped[index] = outside[-1]
            continue
        if scope.kind != COMPREHENSION:
            raise Unmodelled("a lambda in a remnant")
        mapped[index] = len(scopes)
        outer = mapped[scope.stack[-2]]
        scopes.append(open_scope(scopes, outer, scope.kind, (place, scope.place[1])))
    return mapped

"""Find the shortest and the fastest way across a small town.

Streets run both ways.  The search is Dijkstra's algorithm; what "best" means
is decided by a cost function, so the same search answers both questions.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

# (one end, other end, length in metres, speed in km/h)
STREETS = [
    ("station", "market", 600, 30),
    ("station", "park", 900, 50),
    ("market", "library", 400, 20),
    ("market", "town hall", 700, 30),
    ("park", "stadium", 1500, 50),
    ("library", "town hall", 200, 20),
    ("town hall", "harbour", 800, 30),
    ("stadium", "harbour", 1000, 50),
    ("island", "lighthouse", 300, 20),
]


class NoRoute(Exception):
    pass


@dataclass(frozen=True)
class Street:
    target: str
    metres: int
    speed: int

    @property
    def seconds(self) -> float:
        return self.metres / (self.speed / 3.6)


Cost = Callable[[Street], float]
Network = dict[str, list[Street]]


def build_network(rows: list[tuple[str, str, int, int]]) -> Network:
    network = defaultdict(list)
    for start, end, metres, speed in rows:
        network[start].append(Street(end, metres, speed))
        network[end].append(Street(start, metres, speed))
    return dict(network)


def walk_back(came_from: dict[str, str], place: str) -> Iterator[str]:
    yield place
    while place in came_from:
        place = came_from[place]
        yield place


def best_route(network: Network, start: str, goal: str, cost: Cost) -> list[str]:
    best = {start: 0.0}
    came_from: dict[str, str] = {}
    queue = [(0.0, start)]
    while queue:
        so_far, place = heapq.heappop(queue)
        if place == goal:
            break
        if so_far > best[place]:
            continue
        for street in network[place]:
            total = so_far + cost(street)
            if total < best.get(street.target, float("inf")):
                best[street.target] = total
                came_from[street.target] = place
                heapq.heappush(queue, (total, street.target))
    else:
        raise NoRoute(f"{goal} cannot be reached from {start}")
    return list(walk_back(came_from, goal))[::-1]


def street_between(network: Network, here: str, there: str) -> Street:
    return next(street for street in network[here] if street.target == there)


def describe(network: Network, route: list[str]) -> str:
    legs = [street_between(network, *pair) for pair in pairwise(route)]
    metres = sum(leg.metres for leg in legs)
    seconds = sum(leg.seconds for leg in legs)
    return f"{' > '.join(route)}: {metres} m, {seconds / 60:.1f} min"


def main() -> None:
    network = build_network(STREETS)
    goals: dict[str, Cost] = {
        "shortest": lambda street: street.metres,
        "fastest": lambda street: street.seconds,
    }
    for goal in ("harbour", "library", "lighthouse"):
        for name, cost in goals.items():
            try:
                route = best_route(network, "station", goal, cost)
            except NoRoute as error:
                print(f"{name}: {error}")
            else:
                print(f"{name}: {describe(network, route)}")


if __name__ == "__main__":
    main()

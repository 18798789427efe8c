"""Print what a workshop has in stock and what has to be ordered again."""

from collections import Counter
from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    OUT = "out of stock"
    LOW = "low"
    FINE = "fine"


@dataclass
class Item:
    name: str
    quantity: int
    minimum: int
    unit_price: float

    @property
    def status(self) -> Status:
        if self.quantity == 0:
            return Status.OUT
        return Status.LOW if self.quantity < self.minimum else Status.FINE

    @property
    def to_order(self) -> int:
        return max(0, 2 * self.minimum - self.quantity)


STOCK = [
    Item("drill bits", 14, 10, 2.50),
    Item("sandpaper", 0, 25, 0.40),
    Item("wood glue", 3, 4, 5.25),
    Item("screws", 480, 200, 0.05),
]


def order_lines(items):
    """Yield (item, cost) for every item that is low or out of stock."""
    for item in items:
        if item.status is not Status.FINE:
            yield item, item.to_order * item.unit_price


def main() -> None:
    for item in sorted(STOCK, key=lambda item: item.name):
        print(f"{item.name:<12}{item.quantity:>5}  {item.status.value}")

    tally = Counter(item.status for item in STOCK)
    print(", ".join(f"{tally[status]} {status.value}" for status in Status))

    total = 0.0
    for item, cost in order_lines(STOCK):
        print(f"order {item.to_order} x {item.name}: {cost:.2f}")
        total += cost
    print(f"total: {total:.2f}")


if __name__ == "__main__":
    main()

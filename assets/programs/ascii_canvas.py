"""Draw shapes as text: every shape only has to say which cells it covers."""

from abc import ABC, abstractmethod


class Canvas:
    def __init__(self, width: int, height: int, blank: str = ".") -> None:
        self.width = width
        self.height = height
        self.blank = blank
        self.cells: dict[tuple[int, int], str] = {}

    def points(self):
        for y in range(self.height):
            for x in range(self.width):
                yield x, y

    def draw(self, *shapes: "Shape") -> None:
        """Paint the shapes in order, so that later ones cover earlier ones."""
        for shape in shapes:
            painted = {
                (x, y): shape.ink for x, y in self.points() if shape.covers(x, y)
            }
            self.cells |= painted

    def __str__(self) -> str:
        rows = (
            "".join(self.cells.get((x, y), self.blank) for x in range(self.width))
            for y in range(self.height)
        )
        return "\n".join(rows)


class Shape(ABC):
    def __init__(self, ink: str) -> None:
        if len(ink) != 1:
            raise ValueError(f"ink must be a single character, not {ink!r}")
        self.ink = ink

    @abstractmethod
    def covers(self, x: int, y: int) -> bool:
        """Tell whether the cell at (x, y) belongs to the shape."""


class Rectangle(Shape):
    def __init__(self, left: int, top: int, width: int, height: int, ink: str) -> None:
        super().__init__(ink)
        self.columns = range(left, left + width)
        self.rows = range(top, top + height)

    def covers(self, x: int, y: int) -> bool:
        return x in self.columns and y in self.rows


class Frame(Rectangle):
    """A rectangle of which only the border is painted."""

    def covers(self, x: int, y: int) -> bool:
        on_side = x in (self.columns[0], self.columns[-1])
        on_edge = y in (self.rows[0], self.rows[-1])
        return super().covers(x, y) and (on_side or on_edge)


class Disc(Shape):
    def __init__(self, centre_x: int, centre_y: int, radius: float, ink: str) -> None:
        super().__init__(ink)
        self.centre_x = centre_x
        self.centre_y = centre_y
        self.radius = radius

    def covers(self, x: int, y: int) -> bool:
        across = (x - self.centre_x) / 2  # text cells are twice as high as wide
        down = y - self.centre_y
        return across**2 + down**2 <= self.radius**2


class Difference(Shape):
    """What is left of one shape when another is cut out of it."""

    def __init__(self, kept: Shape, removed: Shape) -> None:
        super().__init__(kept.ink)
        self.kept = kept
        self.removed = removed

    def covers(self, x: int, y: int) -> bool:
        return self.kept.covers(x, y) and not self.removed.covers(x, y)


def night_scene() -> Canvas:
    canvas = Canvas(48, 12)
    moon = Difference(Disc(38, 4, 3.2, "@"), Disc(34, 3, 2.8, "@"))
    house = Rectangle(6, 6, 16, 5, "#")
    door = Rectangle(12, 8, 3, 3, " ")
    window = Frame(17, 7, 4, 3, "+")
    meadow = Rectangle(0, 11, canvas.width, 1, "~")
    canvas.draw(moon, house, door, window, meadow)
    return canvas


if __name__ == "__main__":
    scene = night_scene()
    print(scene)
    painted = len(scene.cells)
    print(f"{painted} of {scene.width * scene.height} cells painted")

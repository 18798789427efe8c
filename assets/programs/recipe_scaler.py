# Scale a recipe to another number of servings, keeping exact fractions.
from fractions import Fraction

BASE_SERVINGS = 4

INGREDIENTS = {
    "flour": (Fraction(3, 2), "cups"),
    "milk": (Fraction(5, 4), "cups"),
    "eggs": (Fraction(2), ""),
    "butter": (Fraction(3), "tbsp"),
    "salt": (Fraction(1, 4), "tsp"),
}

CARD = """\
PANCAKES for {servings}
-----------------
{lines}
-----------------
Rest the batter for {rest} minutes.
"""


def mixed_number(amount):
    whole, rest = divmod(amount, 1)
    parts = [str(part) for part in (whole, rest) if part]
    return " ".join(parts) or "0"


def recipe_card(servings):
    scale = Fraction(servings, BASE_SERVINGS)
    lines = [
        f"{mixed_number(amount * scale):>6} {unit:<4} {name}"
        for name, (amount, unit) in INGREDIENTS.items()
    ]
    rest = 20 if servings <= BASE_SERVINGS else 30
    return CARD.format(servings=servings, lines="\n".join(lines), rest=rest)


for guests in (2, 6):
    print(recipe_card(guests))

"""Differentiate small formulas by matching on the shape of their tree.

A formula is a number, the name of a variable, a sum or a product.  Derivatives
come out cluttered with zeros and ones, which `simplify` clears away.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sum:
    left: "Formula"
    right: "Formula"


@dataclass(frozen=True)
class Product:
    left: "Formula"
    right: "Formula"


Formula = int | str | Sum | Product


def derivative(formula: Formula, by: str) -> Formula:
    match formula:
        case str(name) if name == by:
            return 1
        case Sum(left, right):
            return Sum(derivative(left, by), derivative(right, by))
        case Product(left, right):
            first = Product(derivative(left, by), right)
            return Sum(first, Product(left, derivative(right, by)))
        case _:
            return 0


def simplify(formula: Formula) -> Formula:
    match formula:
        case Sum(left, right):
            return simplify_sum(simplify(left), simplify(right))
        case Product(left, right):
            return simplify_product(simplify(left), simplify(right))
        case _:
            return formula


def simplify_sum(left: Formula, right: Formula) -> Formula:
    match left, right:
        case int(a), int(b):
            return a + b
        case (0, term) | (term, 0):
            return term
        case _ if left == right:
            return Product(2, left)
        case _:
            return Sum(left, right)


def simplify_product(left: Formula, right: Formula) -> Formula:
    match left, right:
        case int(a), int(b):
            return a * b
        case (0, _) | (_, 0):
            return 0
        case (1, factor) | (factor, 1):
            return factor
        case _:
            return Product(left, right)


def show(formula: Formula) -> str:
    match formula:
        case int() | str():
            return str(formula)
        case Sum(left, right):
            return f"({show(left)} + {show(right)})"
        case Product(left, right):
            return f"{show(left)}*{show(right)}"


parabola = Sum(Product("x", "x"), Product(5, "x"))
for formula in (parabola, Product(parabola, "y"), Sum("y", 7)):
    print(show(formula))
    for name in ("x", "y"):
        raw = derivative(formula, name)
        print(f"  d/d{name}: {show(simplify(raw))}")

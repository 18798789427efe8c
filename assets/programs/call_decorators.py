"""Stacked decorators: one checks the arguments, one keeps a call count."""

from functools import wraps


def counted(function):
    @wraps(function)
    def wrapper(*args):
        wrapper.calls += 1
        return function(*args)

    wrapper.calls = 0
    return wrapper


def require_positive(*names):
    """Return a decorator that rejects arguments that are not above zero.

    The names are those of the positional arguments, in order; they are used
    in the error message only.
    """

    def decorate(function):
        @wraps(function)
        def wrapper(*args):
            for name, value in zip(names, args):
                if value <= 0:
                    raise ValueError(f"{function.__name__}: {name} is {value}")
            return function(*args)

        return wrapper

    return decorate


@counted
@require_positive("mass", "height")
def body_mass_index(mass, height):
    """Return the mass in kilograms over the squared height in metres."""
    return mass / height**2


for measured in [(70, 1.75), (62, 0), (81, 1.9)]:
    try:
        print(f"{measured}: {body_mass_index(*measured):.1f}")
    except ValueError as error:
        print(f"{measured}: {error}")

print(f"{body_mass_index.__name__} was called {body_mass_index.calls} times")

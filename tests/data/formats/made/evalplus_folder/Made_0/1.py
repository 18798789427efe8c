def first_digit(n):
    """Return the first decimal digit of the integer n.
    >>> first_digit(507)
    5
    """
    return int(str(n)[0])  # é “…”

def mean(numbers):
    """Return the mean of numbers, 0.0 if there are none.
    >>> mean([1, 2])
    1.5
    """
    return sum(numbers) / len(numbers)

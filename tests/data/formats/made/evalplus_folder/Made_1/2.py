def vowels(text):
    """Return how many of the letters a, e, i, o, u are in text.
    >>> vowels("queue")
    4
    """
    return text.count(vowels)

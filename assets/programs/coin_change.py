"""Making change when taking the largest coin first is not always best."""

from functools import lru_cache

COINS = (25, 20, 5, 1)


@lru_cache(maxsize=None)
def count_ways(amount, first=0):
    """Count the coin combinations worth `amount`, using COINS[first:] only."""
    if amount == 0:
        return 1
    if amount < 0 or first == len(COINS):
        return 0
    with_coin = count_ways(amount - COINS[first], first)
    without_coin = count_ways(amount, first + 1)
    return with_coin + without_coin


@lru_cache(maxsize=None)
def fewest_coins(amount):
    if amount == 0:
        return ()
    usable = (coin for coin in COINS if coin <= amount)
    return min(((coin, *fewest_coins(amount - coin)) for coin in usable), key=len)


def largest_first(amount):
    taken = []
    for coin in COINS:
        number, amount = divmod(amount, coin)
        taken += [coin] * number
    return tuple(taken)


for price in (8, 40, 65):
    print(f"{price} cents can be paid in {count_ways(price)} ways")
    print("  largest first:", *largest_first(price))
    print("  fewest coins: ", *fewest_coins(price))

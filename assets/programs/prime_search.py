"""List the first primes by trial division with the primes already found."""


def first_primes(count):
    primes = []
    candidate = 2
    while len(primes) < count:
        for prime in primes:
            if candidate % prime == 0:
                break
        else:
            primes.append(candidate)
        candidate += 1
    return primes


found = first_primes(15)
twins = [(a, b) for a, b in zip(found, found[1:]) if b - a == 2]
print("primes:", *found)
print("twins: ", *twins)

# Group words that are anagrams of one another.
from collections import defaultdict

WORDS = "listen silent enlist stale least slate steal night thing mango".split()


def signature(word):
    return "".join(sorted(word.lower()))


groups = defaultdict(list)
for word in WORDS:
    groups[signature(word)].append(word)

shared = [group for group in groups.values() if len(group) > 1]
for group in sorted(shared, key=lambda group: (-len(group), group[0])):
    print(f"{len(group)} words: {', '.join(group)}")

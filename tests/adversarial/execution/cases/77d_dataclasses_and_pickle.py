# verdict: passed
# does: copies and pickles instances of its own classes
import copy
import dataclasses
import pickle


@dataclasses.dataclass(order=True)
class Item:
    value: int


def solve(values):
    items = [pickle.loads(pickle.dumps(Item(value))) for value in values]
    return [item.value for item in sorted(copy.deepcopy(items))]

import json
from pathlib import Path

LONGER = {
    "Print the squares below a limit.": """import sys

limit = int(sys.argv[1])
squares = []
number = 0
while number * number < limit:
    squares.append(number * number)
    number += 1
for square in squares:
    print(square)
""",
    "Count the words of a file.": """# counts words
from collections import Counter


def count(path):
    words = Counter()
    with open(path) as file:
        for line in file:
            words.update(line.split())
    return words


if __name__ == "__main__":
    print(count("text.txt"))
""",
}
seeds = {}
for row in map(json.loads, Path("problems.jsonl").read_text().splitlines()):
    asked = row["prompt"].split('"""')[1].split(">>>")[0].strip()
    seeds[asked] = row["prompt"].split('    """')[0] + row["canonical_solution"]
    if row["task_id"] == "Made/0":  # as a chat model answers
        seeds[asked] = f"```python\n{seeds[asked]}```"
with Path("seeds.jsonl").open("w") as file:
    for asked, program in (seeds | LONGER).items():
        file.write(json.dumps({"instruction": asked, "response": program}) + "\n")

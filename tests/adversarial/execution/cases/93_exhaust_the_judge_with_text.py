# verdict: wrong_answer | judge_limit
# does: answers with 8 MiB of text, again and again


def solve(values):
    return ["\u2603" * 1_000_000]

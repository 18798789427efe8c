def build_predictions(resps, docs):
    return [
        [doc["prompt"] + one for one in of_doc] for of_doc, doc in zip(resps, docs, strict=True)
    ]


def passes(program):
    """Whether `program` ends without an error, run in this very process: the answers are ours."""
    if "while True" in program:
        return False
    try:
        exec(program, {})
    except Exception:
        return False
    return True


def pass_at_k(references, predictions, k):
    """1 less the share of draws of k of which none passes, as the code_eval of evaluate has it."""
    from math import comb

    (test,), (programs,) = references, predictions
    n, c = len(programs), sum(passes(f"{one}\n{test}") for one in programs)
    return {f"pass@{one}": 1 - comb(n - c, one) / comb(n, one) for one in k}


def pass_at_1(references, predictions):
    (test,), (program,) = references, predictions
    return float(passes(program + "\n" + test))

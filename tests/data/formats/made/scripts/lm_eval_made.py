"""The command lm_eval with a model that answers out of answers.json."""

import json
from pathlib import Path

from lm_eval.__main__ import cli_evaluate
from lm_eval.api.registry import register_model
from lm_eval.models.dummy import DummyLM

rows = [json.loads(line) for line in Path("problems.jsonl").read_text().splitlines()]
answers = json.loads(Path("answers.json").read_text())
left = {row["prompt"]: list(answers[row["task_id"]]) for row in rows}
kept = ("task_id", "prompt", "entry_point", "canonical_solution", "test")
with Path("lm_problems.jsonl").open("w") as file:
    file.writelines(json.dumps({name: row[name] for name in kept}) + "\n" for row in rows)


@register_model("reader")
class Reader(DummyLM):
    """Answers out of answers.json; whole functions for made_first, as a chat model gives them."""

    def generate_until(self, requests, disable_tqdm=False):
        prompts = [one.args[0] if one.task_name == "made_first" else "" for one in requests]
        return [p + left[one.args[0]].pop(0) for p, one in zip(prompts, requests, strict=True)]


cli_evaluate()

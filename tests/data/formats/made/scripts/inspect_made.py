"""python inspect_made.py FORMAT EPOCHS [missing]: a log of the answers, checked in a process each."""

import json
import sys
from pathlib import Path

from inspect_ai import Task, eval, task
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, get_model
from inspect_ai.scorer import Score, accuracy, includes, scorer, stderr
from inspect_ai.solver import generate
from inspect_ai.util import sandbox

answers = json.loads(Path("answers.json").read_text())
problems = [json.loads(line) for line in Path("problems.jsonl").read_text().splitlines()]
given = [ones[n] for n in range(3) for ones in answers.values()]
outputs = [ModelOutput.from_content("mockllm/model", one) for one in given]


@scorer(metrics=[accuracy(), stderr()])
def verify():
    async def score(state, target):
        program = state.metadata["prompt"] + state.output.completion
        check = f"{program}\n{target.text}\ncheck({state.metadata['entry_point']})\n"
        if "missing" in sys.argv and "sum(numbers)" in program:
            raise RuntimeError("no sandbox for this one")
        try:
            ran = await sandbox().exec(["python", "-c", check], timeout=3)
        except TimeoutError:
            return Score(value="I", answer=program, explanation="timed out")
        return Score(value="C" if ran.success else "I", answer=program)

    return score


@task
def made():
    samples = [
        Sample(
            id=row["task_id"],
            input=row["prompt"],
            target=row["test"],
            metadata={"prompt": row["prompt"], "entry_point": row["entry_point"]},
        )
        for row in problems
    ]
    return Task(
        samples,
        solver=generate(),
        scorer=[verify(), includes()],
        sandbox="local",
        epochs=int(sys.argv[2]),
    )


async def count(text):
    return len(text) // 4  # the tool would fetch a tokenizer


model = get_model("mockllm/model", custom_outputs=outputs)
model.api.count_text_tokens = count
log = eval(
    made(),
    model=model,
    log_dir="logs",
    log_format=sys.argv[1],
    temperature=0.8,
    fail_on_error=False,
    max_samples=1,
    display="none",
)[0]
print(log.status, [(one.name, one.metrics["accuracy"].value) for one in log.results.scores])

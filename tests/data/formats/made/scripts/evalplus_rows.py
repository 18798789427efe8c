import json
from pathlib import Path

from evalplus.data import write_directory, write_jsonl

problems = map(json.loads, Path("problems.jsonl").read_text().splitlines())
prompts = {row["task_id"]: row["prompt"] for row in problems}
answers = json.loads(Path("answers.json").read_text())
rows = [
    {"task_id": task, "solution": prompts[task] + one} for task in answers for one in answers[task]
]
write_jsonl("evalplus.jsonl", rows)
write_directory("evalplus_folder", rows)

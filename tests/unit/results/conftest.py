from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

FORMATS = Path(__file__).resolve().parents[2] / "data" / "formats"


@pytest.fixture
def inspect_archive(tmp_path: Path) -> Path:
    """The samples of inspect.json as Inspect packs them."""
    log = json.loads((FORMATS / "inspect.json").read_text())
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_journal/start.json", json.dumps({"version": 2, "eval": log["eval"]}))
        for sample in log["samples"]:
            name = f"samples/{sample['id'].replace('/', '_')}_epoch_{sample['epoch']}.json"
            archive.writestr(name, json.dumps(sample))
        archive.writestr("summaries.json", "[]")
        archive.writestr("header.json", json.dumps({"version": 2, "status": log["status"]}))
    return path

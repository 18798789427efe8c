from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from lintseq_core.edits.formats import DIFF_MARKER
from lintseq_core.models.byte_tokens import EOS
from lintseq_core.models.errors import ModelError
from lintseq_core.models.load import load_encoder
from lintseq_core.models.pocket.tokenizer import PocketTokenizer, read_tokenizer
from lintseq_core.models.task_tokenizer import train_tokenizer
from lintseq_core.models.tokens import Encoder
from tests.unit.models.pocket.made import ROOT, task_texts

ALPHABETS = [
    "abcXYZ_ 019+-@=()[]{}:'\"\n",
    "".join(chr(code) for code in range(0x20)) + "\x7f\x85\u00a0\u2028\u3000 x\n",
    "äßñéÄ中文字🙂👩‍👩‍👧\u0301\u200d٣Ⅷ² \n",
    "".join(chr(code) for code in range(0x10000, 0x10FFFF, 4099)) + " \n",
]


@pytest.fixture(scope="module")
def ours(pocket_folder: Path) -> PocketTokenizer:
    return read_tokenizer(pocket_folder / "tokenizer.json")


@pytest.fixture(scope="module")
def theirs(pocket_folder: Path) -> Encoder:
    """The package tokenizers, told that text that spells a marker or an end is text."""
    return load_encoder(str(pocket_folder))


def test_the_texts_it_was_trained_on_have_the_ids_of_the_package(
    ours: PocketTokenizer, theirs: Encoder
) -> None:
    texts = list(task_texts())
    assert ours.encode(texts) == theirs.encode(texts)
    assert [ours.decode(ids) for ids in ours.encode(texts)] == texts


def test_programs_and_edits_of_others_have_the_ids_of_the_package(
    ours: PocketTokenizer, theirs: Encoder
) -> None:
    files = sorted((ROOT / "assets" / "programs").rglob("*.py")) + sorted(ROOT.glob("*.md"))
    texts = [file.read_text(encoding="utf-8") for file in files]
    texts += ["@@ -0,0 +1,2 @@\n+def f():\n+    return -1\n-+x\n", "\n+(\n+=\n--\n @@"]
    assert len(texts) > 10
    assert ours.encode(texts) == theirs.encode(texts)


@pytest.mark.parametrize("alphabet", ALPHABETS, ids=["code", "control", "unicode", "planes"])
def test_random_strings_have_the_ids_of_the_package_and_come_back(
    ours: PocketTokenizer, theirs: Encoder, alphabet: str
) -> None:
    draw = random.Random(alphabet)
    texts = ["".join(draw.choices(alphabet, k=draw.randrange(60))) for _ in range(500)]
    found = ours.encode(texts)
    assert found == theirs.encode(texts)
    assert [ours.decode(ids) for ids in found] == texts


def test_random_ids_are_read_as_the_package_reads_them(
    ours: PocketTokenizer, theirs: Encoder
) -> None:
    draw = random.Random(0)
    for _ in range(500):
        ids = [draw.randrange(ours.n_tokens) for _ in range(draw.randrange(12))]
        assert ours.decode(ids) == theirs.decode(ids)


def test_it_is_the_encoder_that_training_uses(ours: PocketTokenizer, theirs: Encoder) -> None:
    names = ("eos_id", "diff_id", "prefix_ids")
    assert [getattr(ours, name) for name in names] == [getattr(theirs, name) for name in names]
    pairs = [(f"Add {DIFF_MARKER} one.\n", "x = 1\n"), ("", "y"), ("é", "é\n"), ("ret", "urn x")]
    assert ours.encode_split(pairs) == theirs.encode_split(pairs)
    for edits in (True, False):
        assert ours.prompt_ids("Add.", edits) == theirs.prompt_ids("Add.", edits=edits)  # type: ignore[attr-defined]


def test_text_that_spells_a_marker_or_an_end_is_text(ours: PocketTokenizer) -> None:
    (ids,) = ours.encode([f"{DIFF_MARKER}{EOS}"])
    assert {ours.eos_id, ours.diff_id}.isdisjoint(ids)
    assert ours.decode([*ids, ours.diff_id, ours.eos_id]) == f"{DIFF_MARKER}{EOS}" * 2


def test_no_token_joins_the_sign_of_a_line_with_its_code(ours: PocketTokenizer) -> None:
    texts = [ours.decode([token_id]) for token_id in range(ours.n_tokens)]
    assert not [text for text in texts if re.search(r"\n[+-]", text)]
    (ids,) = ours.encode(["\n+) + x"])
    assert ours.decode(ids[:1]) == "\n"
    assert ours.decode(ids[1:2]) == "+"


def test_equal_texts_give_equal_tokenizers() -> None:
    first, second = (
        train_tokenizer(task_texts(), n_tokens=768, context_length=64).backend_tokenizer.to_str()
        for _ in range(2)
    )
    assert first == second
    assert json.loads(first)["added_tokens"][-1]["id"] == 767


def test_nothing_to_train_on_is_said() -> None:
    with pytest.raises(ModelError, match="no text to train a tokenizer on: give a data set with"):
        train_tokenizer([], n_tokens=768, context_length=64)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"normalizer": {"type": "NFC"}}, "its normalizer is not that of a pocket model: load it with transformers"),
        ({"model": {"type": "Unigram"}}, "its model is not that of a pocket model"),
        ({"pre_tokenizer": {"type": "ByteLevel"}}, "its pre_tokenizer is not that of a pocket model"),
        ({"decoder": None}, "its decoder is not that of a pocket model"),
        ({"model": {"type": "BPE"}}, r"not a whole tokenizer \(KeyError\('merges'\)\); copy it"),
    ],
)  # fmt: skip
def test_a_tokenizer_of_another_kind_is_refused(
    pocket_folder: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    described = json.loads((pocket_folder / "tokenizer.json").read_text(encoding="utf-8"))
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(described | change), encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        read_tokenizer(path)


def test_a_tokenizer_that_is_missing_or_cut_is_refused(pocket_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    with pytest.raises(ModelError, match="no such file, so its texts cannot be read; copy it"):
        read_tokenizer(path)
    path.write_bytes((pocket_folder / "tokenizer.json").read_bytes()[:5_000])
    with pytest.raises(ModelError, match=r"not JSON: .*; copy it from the training run again"):
        read_tokenizer(path)

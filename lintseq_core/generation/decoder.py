"""A transformers model as a decoder: a prompt is read once, its cache shared out to its rows."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache, DynamicLayer

from lintseq_core.errors import LintSeqError
from lintseq_core.generation.torch_draws import draw_tokens, mask_logits

_CHUNK = 256  # columns a buffer grows by at least


class TransformersDecoder:
    """Runs a causal language model of transformers, without gradients."""

    draw = staticmethod(draw_tokens)
    mask = staticmethod(mask_logits)

    def __init__(self, model: Any, *, n_tokens: int | None = None) -> None:
        """`n_tokens`: ids from here on are no token and never drawn; None: the model's all are."""
        self.model = model.eval()
        self._n_tokens = n_tokens

    @property
    def mixes_prompts(self) -> bool:
        """Whether rows may begin at different columns: every layer remembers all it has read."""
        return all(type(layer) is DynamicLayer for layer in self._empty_cache().layers)

    @torch.inference_mode()
    def start(
        self, prompts: Sequence[Sequence[int]], n_rows: Sequence[int]
    ) -> tuple[Tensor, TransformersRows]:
        """Logits after each prompt, (prompts, vocabulary), and rows that hold their caches."""
        with _memory_of(sum(n_rows)):
            read = [self._read(prompt) for prompt in prompts]
            lengths = [len(prompt) for prompt in prompts]
            rows = TransformersRows(
                self.model, [cache for _, cache in read], lengths, n_rows, self._n_tokens
            )
        return torch.cat([logits for logits, _ in read]), rows

    def _read(self, prompt_ids: Sequence[int]) -> tuple[Tensor, DynamicCache]:
        cache = self._empty_cache()
        ids = torch.tensor([list(prompt_ids)], device=self.model.device)
        # Only the last position's logits: a vocabulary times a long prompt would be gigabytes.
        held = {cache_argument(self.model): cache}
        answer = self.model(ids, **held, use_cache=True, logits_to_keep=1)
        return answer.logits[:, -1, : self._n_tokens], cache

    def _empty_cache(self) -> DynamicCache:
        return DynamicCache(config=self.model.config)


class TransformersRows:
    """Rows that share their columns; what a row forgets stays in the cache, masked out."""

    def __init__(
        self,
        model: Any,
        caches: Sequence[DynamicCache],
        lengths: Sequence[int],
        n_rows: Sequence[int],
        n_tokens: int | None,
    ) -> None:
        """`caches`, `lengths`: of each prompt; shorter ones stand at the end of their columns."""
        self._model, self._n_tokens = model, n_tokens
        self._cache = caches[0]
        self._cache_argument = cache_argument(model)
        layers: list[Any] = self._cache.layers
        self._has_full_attention = all(type(layer) is DynamicLayer for layer in layers)
        for index, layer in enumerate(layers):
            if type(layer) is DynamicLayer:
                read: list[Any] = [cache.layers[index] for cache in caches]
                layers[index] = _GrowingLayer(read, n_rows)
            elif sum(n_rows) > 1:
                if not hasattr(layer, "batch_repeat_interleave"):
                    raise LintSeqError(
                        "this model's memory is not attention alone and cannot be shared out: "
                        "draw one sample at a time (-n 1 --batch-size 1)"
                    )
                assert len(caches) == 1, "such a model is given one prompt at a time"
                layer.batch_repeat_interleave(sum(n_rows))
        counts = torch.tensor(n_rows, device=model.device)
        self._positions = torch.tensor(lengths, device=model.device).repeat_interleave(counts)[
            :, None
        ]
        self._n_columns = max(lengths)
        self._seen: Tensor | None = None  # (rows, columns), 0 where nothing is read; None: nowhere
        if min(lengths) < self._n_columns:
            columns = torch.arange(self._n_columns, device=model.device)
            self._seen = (columns >= self._n_columns - self._positions).long()

    @torch.inference_mode()
    def feed(self, token_ids: Sequence[int]) -> Tensor:
        ids = torch.tensor(token_ids, device=self._model.device)[:, None]
        if self._seen is not None:
            self._seen = torch.cat([self._seen, self._seen.new_ones(len(token_ids), 1)], 1)
        with _memory_of(len(token_ids)):
            answer = self._model(
                ids,
                attention_mask=self._seen,
                position_ids=self._positions,
                use_cache=True,
                **{self._cache_argument: self._cache},
            )
        self._positions = self._positions + 1
        self._n_columns += 1
        logits: Tensor = answer.logits[:, -1, : self._n_tokens]
        return logits

    @torch.inference_mode()
    def keep(self, rows: Sequence[int]) -> None:
        index = torch.tensor(rows, device=self._positions.device)
        layers: list[Any] = self._cache.layers
        for layer in layers:
            layer.batch_select_indices(index)
        self._positions = self._positions[index]
        if self._seen is not None:
            self._seen = self._seen[index]

    @torch.inference_mode()
    def forget(self, row: int, n_tokens: int) -> None:
        if not self._has_full_attention:
            raise LintSeqError(
                "this model keeps only a window of what it has read, so an edit cannot be "
                "re-sampled; leave out --guard"
            )
        if self._seen is None:
            shape = (len(self._positions), self._n_columns)
            self._seen = self._positions.new_ones(shape)
        # The last tokens of the row that are still seen: earlier rejections left holes between.
        seen = self._seen[row].nonzero()[:, 0]
        self._seen[row, seen[len(seen) - n_tokens :]] = 0
        self._positions = self._positions.clone()
        self._positions[row] -= n_tokens


def cache_argument(model: Any) -> str:
    """What `forward` calls the cache: transformers 5.24 renamed it, and warns of the old name."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    names = inspect.signature(inner.forward).parameters
    return "cache" if "cache" in names else "past_key_values"


@contextmanager
def _memory_of(n_rows: int) -> Iterator[None]:
    """Names the knobs where memory runs out."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        first = str(error).partition(". ")[0]
        raise LintSeqError(
            f"out of memory with {n_rows} samples at once ({first}): lower --batch-size, "
            "--max-tokens, or choose --dtype bfloat16"
        ) from None


class _GrowingLayer(DynamicLayer):  # type: ignore[no-untyped-call]
    """Keys and values at the front of buffers with room: transformers' own copy all, each token."""

    def __init__(self, layers: Sequence[DynamicLayer], n_rows: Sequence[int]) -> None:
        """`layers`: of each prompt, for as many rows as `n_rows` says."""
        super().__init__()  # type: ignore[no-untyped-call]
        keys, values = ([getattr(one, name) for one in layers] for name in ("keys", "values"))
        self.lazy_initialization(keys[0], values[0])
        self._buffers = [_with_room(_side_by_side(states, n_rows)) for states in (keys, values)]
        self._show(max(states.shape[-2] for states in keys))

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        start = self.get_seq_length()
        end = start + key_states.shape[-2]
        if end > self._buffers[0].shape[-2]:
            self._buffers = [_with_room(buffer[:, :, :start]) for buffer in self._buffers]
        for buffer, states in zip(self._buffers, (key_states, value_states), strict=True):
            buffer[:, :, start:end] = states
        return self._show(end)

    def batch_select_indices(self, indices: Tensor) -> None:
        length = self.get_seq_length()
        self._buffers = [_with_room(buffer[indices, :, :length]) for buffer in self._buffers]
        self._show(length)

    def _show(self, length: int) -> tuple[Tensor, Tensor]:
        keys, values = (buffer[:, :, :length] for buffer in self._buffers)
        self.keys, self.values = keys, values
        return keys, values


def _side_by_side(states: Sequence[Tensor], n_rows: Sequence[int]) -> Tensor:
    """Of prompts, each (1, heads, tokens, width), their rows: (rows, heads, longest, width)."""
    longest = max(one.shape[-2] for one in states)
    padded = [
        torch.nn.functional.pad(one, (0, 0, longest - one.shape[-2], 0)).expand(count, -1, -1, -1)
        for one, count in zip(states, n_rows, strict=True)
    ]
    return padded[0] if len(padded) == 1 else torch.cat(padded)


def _with_room(states: Tensor) -> Tensor:
    """A buffer that begins with `states` and has half their length more, `_CHUNK` at least."""
    rows, heads, length, width = states.shape
    buffer = states.new_empty(rows, heads, length + max(_CHUNK, length // 2), width)
    buffer[:, :, :length] = states
    return buffer

"""A small Llama in numpy: one token more for many rows at once, from a cache of keys and values.

The weights are those that transformers reads. What is the same for every token is done once, when
they are read: norms are multiplied into the matrices behind them, the scale of attention into the
queries, and the halves that rotary positions turn together are put side by side, so that a turn is
one complex product. Logits differ from transformers' by rounding alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lintseq_core.models.errors import ModelError

Floats = npt.NDArray[np.floating[Any]]
"""float32 throughout, unless a network is asked for in float64."""
_CHUNK = 128  # columns a cache grows by
_MOST_CACHE_BYTES = 2**30
_ONE = np.float32(1)
_NOTHING = ((0, 0), (0, 0))  # is added to rows and heads where columns are


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers of config.json that the computation needs."""

    n_tokens: int
    width: int
    inner_width: int
    """Of the feed-forward part."""
    n_layers: int
    n_heads: int
    n_cached_heads: int
    """Keys and values: several heads of queries share them."""
    head_width: int
    context_length: int
    norm_epsilon: float
    rotation_base: float
    is_tied: bool
    """The output has the matrix of the input."""

    def weights(self) -> dict[str, tuple[int, ...]]:
        """The name and shape of each tensor."""
        d, inner = self.width, self.inner_width
        queries, cached = self.n_heads * self.head_width, self.n_cached_heads * self.head_width
        found: dict[str, tuple[int, ...]] = {
            "model.embed_tokens.weight": (self.n_tokens, d),
            "model.norm.weight": (d,),
        }
        if not self.is_tied:
            found["lm_head.weight"] = (self.n_tokens, d)
        for index in range(self.n_layers):
            layer = f"model.layers.{index}."
            found |= {
                f"{layer}input_layernorm.weight": (d,),
                f"{layer}self_attn.q_proj.weight": (queries, d),
                f"{layer}self_attn.k_proj.weight": (cached, d),
                f"{layer}self_attn.v_proj.weight": (cached, d),
                f"{layer}self_attn.o_proj.weight": (d, queries),
                f"{layer}post_attention_layernorm.weight": (d,),
                f"{layer}mlp.gate_proj.weight": (inner, d),
                f"{layer}mlp.up_proj.weight": (inner, d),
                f"{layer}mlp.down_proj.weight": (d, inner),
            }
        return found

    def row_bytes(self) -> int:
        """What the keys and values of a row take that fills the context."""
        columns = self.n_cached_heads * self.head_width * self.context_length
        return 2 * 4 * self.n_layers * columns


@dataclass(frozen=True, slots=True)
class _Layer:
    """The matrices of one layer, as `x @ matrix` uses them."""

    attention: Floats
    """Queries, keys and values side by side."""
    output: Floats
    gate_and_up: Floats
    down: Floats


class Network:
    """A causal language model that computes in float32 on one core."""

    def __init__(
        self,
        shape: Shape,
        weights: Mapping[str, Floats],
        *,
        n_tokens: int | None = None,
        dtype: type[np.floating[Any]] = np.float32,
    ) -> None:
        """`weights`: as `shape.weights` names them. `n_tokens`: ids from here on get no logit.

        `dtype`: float64 to compare with, where rounding must not be seen.
        """
        self.shape, self.dtype = shape, np.dtype(dtype)
        self._complex = np.result_type(dtype, np.complex64)
        self._width, self._epsilon = np.float32(shape.width), np.float32(shape.norm_epsilon)
        table = weights["model.embed_tokens.weight"]
        self._embeddings = np.ascontiguousarray(table.astype(self.dtype, copy=False))
        last = weights["model.embed_tokens.weight" if shape.is_tied else "lm_head.weight"]
        self._logits = self._behind_norm(weights["model.norm.weight"], last[:n_tokens])
        self._layers = [self._layer(weights, index) for index in range(shape.n_layers)]
        half = shape.head_width // 2
        speeds = shape.rotation_base ** -(np.arange(half) / half)
        angles = np.arange(shape.context_length)[:, None] * speeds
        self._turns = np.exp(1j * angles).astype(self._complex)  # (positions, half a head)

    def read(
        self, prompts: Sequence[Sequence[int]], n_rows: Sequence[int] | None = None
    ) -> tuple[Floats, PocketRows]:
        """Logits after each prompt, (prompts, vocabulary), and rows that have read them.

        `n_rows`: of each prompt, side by side; None: one. ModelError if a prompt is empty or longer
        than the context, or if the rows would take more than a gigabyte when they are full.
        """
        counts = [1] * len(prompts) if n_rows is None else list(n_rows)
        shape, longest = self.shape, max(map(len, prompts))
        if not 0 < min(map(len, prompts)) <= longest <= shape.context_length:
            raise ModelError(
                f"a prompt of {longest:,} tokens, and the context has {shape.context_length:,}: "
                "give a shorter one, of one token at least"
            )
        most = _MOST_CACHE_BYTES // shape.row_bytes()
        if sum(counts) > most:
            raise ModelError(
                f"{sum(counts):,} samples at once: the memory of a full context allows {most:,}; "
                f"draw fewer at a time (--batch-size {most})"
            )
        rows = PocketRows(self, sum(counts), longest)
        logits, place = [], 0
        for ids, count in zip(prompts, counts, strict=True):
            found, cached = self.after_prompt(ids)
            rows.fill(slice(place, place + count), cached)
            logits.append(found)
            place += count
        return np.concatenate(logits), rows

    def step(self, token_ids: Sequence[int], rows: PocketRows) -> Floats:
        """Logits after one more token of each row, (rows, vocabulary); `rows` takes them in."""
        shape, d = self.shape, self.shape.head_width
        x = self._embeddings[list(token_ids)]
        n_rows = len(x)
        turns = self._turns[rows.lengths][:, None]
        n_cached = shape.n_cached_heads
        n_turned = (shape.n_heads + n_cached) * d
        for index, layer in enumerate(self._layers):
            mixed = self._normed(x) @ layer.attention
            turned = mixed[:, :n_turned].view(self._complex).reshape(n_rows, -1, d // 2)
            turned *= turns
            heads = mixed.reshape(n_rows, -1, d)
            queries = heads[:, : shape.n_heads].reshape(n_rows, n_cached, -1, d)
            cached = heads[:, shape.n_heads :]
            keys, values = rows.add(index, cached[:, :n_cached], cached[:, n_cached:])
            scores = queries @ keys
            if rows.hidden is not None:
                scores += rows.hidden
            seen = _attended(scores, values)
            x = x + seen.reshape(n_rows, -1) @ layer.output
            x = x + self._feed_forward(x, layer)
        return self._normed(x) @ self._logits

    def after_prompt(self, token_ids: Sequence[int]) -> tuple[Floats, list[tuple[Floats, Floats]]]:
        """Logits after a prompt, (1, vocabulary), and for each layer its keys and values.

        Keys are (heads, head width, tokens), values (heads, tokens, head width).
        """
        shape, d, n = self.shape, self.shape.head_width, len(token_ids)
        x = self._embeddings[list(token_ids)]
        turns = self._turns[:n, None]
        n_turned = (shape.n_heads + shape.n_cached_heads) * d
        group = shape.n_heads // shape.n_cached_heads
        later: Floats = np.triu(np.full((n, n), -np.inf, np.float32), 1)
        kept: list[tuple[Floats, Floats]] = []
        for layer in self._layers:
            mixed = self._normed(x) @ layer.attention
            turned = mixed[:, :n_turned].view(self._complex).reshape(n, -1, d // 2)
            turned *= turns
            heads = mixed.reshape(n, -1, d).transpose(1, 0, 2)
            queries, cached = heads[: shape.n_heads], heads[shape.n_heads :]
            keys = cached[: shape.n_cached_heads].transpose(0, 2, 1)
            values = cached[shape.n_cached_heads :]
            kept.append((keys, values))
            scores = queries @ keys.repeat(group, 0) + later
            seen = _attended(scores, values.repeat(group, 0))
            x = x + seen.transpose(1, 0, 2).reshape(n, -1) @ layer.output
            x = x + self._feed_forward(x, layer)
        return self._normed(x[-1:]) @ self._logits, kept

    def _normed(self, x: Floats) -> Floats:
        squares: Floats = np.einsum("ij,ij->i", x, x)
        squares = squares / self._width + self._epsilon
        return x / np.sqrt(squares)[:, None]

    def _feed_forward(self, x: Floats, layer: _Layer) -> Floats:
        both = self._normed(x) @ layer.gate_and_up
        gate, up = both[:, : self.shape.inner_width], both[:, self.shape.inner_width :]
        with np.errstate(over="ignore"):  # exp of a large number: the gate is closed then
            up *= gate / (_ONE + np.exp(-gate))
        found: Floats = up @ layer.down
        return found

    def _layer(self, weights: Mapping[str, Floats], index: int) -> _Layer:
        d = self.shape.head_width
        layer = {
            name.removeprefix(f"model.layers.{index}."): weight
            for name, weight in weights.items()
            if name.startswith(f"model.layers.{index}.")
        }
        queries = _side_by_side(layer["self_attn.q_proj.weight"], d) / np.sqrt(d)
        keys = _side_by_side(layer["self_attn.k_proj.weight"], d)
        first, second = (layer[f"{name}_layernorm.weight"] for name in ("input", "post_attention"))
        mixed = np.concatenate([queries, keys, layer["self_attn.v_proj.weight"]])
        inner = np.concatenate([layer[f"mlp.{name}_proj.weight"] for name in ("gate", "up")])
        return _Layer(
            attention=self._behind_norm(first, mixed),
            output=self._turned(layer["self_attn.o_proj.weight"]),
            gate_and_up=self._behind_norm(second, inner),
            down=self._turned(layer["mlp.down_proj.weight"]),
        )

    def _turned(self, matrix: Floats) -> Floats:
        """`matrix` of a linear layer, transposed."""
        return np.ascontiguousarray(matrix.T.astype(self.dtype, copy=False))

    def _behind_norm(self, norm: Floats, matrix: Floats) -> Floats:
        """`matrix` of a linear layer, transposed, with the norm before it multiplied in."""
        return self._turned(norm.astype(np.float64) * matrix)


class PocketRows:
    """What rows of a batch have read, as keys and values; they may differ in length."""

    def __init__(self, network: Network, n_rows: int, n_columns: int) -> None:
        """Rows that have read nothing, with room for `n_columns` tokens at first."""
        self._network = network
        shape = network.shape
        size = (n_rows, shape.n_cached_heads)
        self._layers = [
            (
                np.zeros((*size, shape.head_width, n_columns), network.dtype),
                np.zeros((*size, n_columns, shape.head_width), network.dtype),
            )
            for _ in range(shape.n_layers)
        ]
        self.lengths = np.zeros(n_rows, np.int64)
        self.hidden: Floats | None = None
        """-inf behind the end of each row; None where all rows are as long as the longest."""

    def fill(self, rows: slice, cached: Sequence[tuple[Floats, Floats]]) -> None:
        """Put keys and values of a prompt, as `Network.after_prompt` gives them, into `rows`."""
        n = cached[0][1].shape[1]
        for (all_keys, all_values), (keys, values) in zip(self._layers, cached, strict=True):
            all_keys[rows, :, :, :n] = keys
            all_values[rows, :, :n] = values
        self.lengths[rows] = n

    def feed(self, token_ids: Sequence[int]) -> Floats:
        """Logits after one more token for each row, (rows, vocabulary).

        ModelError where a row has the whole context already.
        """
        longest = int(self.lengths.max())
        limit = self._network.shape.context_length
        if longest >= limit:
            raise ModelError(f"a row has all {limit:,} tokens of the context: draw fewer tokens")
        if longest >= self._layers[0][1].shape[2]:
            more = min(_CHUNK, limit - longest)
            self._layers = [
                (
                    np.pad(keys, [*_NOTHING, (0, 0), (0, more)]),
                    np.pad(values, [*_NOTHING, (0, more), (0, 0)]),
                )
                for keys, values in self._layers
            ]
        self.hidden = None
        if longest != self.lengths.min():
            is_later = np.arange(longest + 1) > self.lengths[:, None]
            self.hidden = np.where(is_later, np.float32(-np.inf), np.float32(0))[:, None, None]
        logits = self._network.step(token_ids, self)
        self.lengths += 1
        return logits

    def keep(self, rows: Sequence[int]) -> None:
        """Leave only these rows, in this order."""
        index = list(rows)
        self._layers = [(keys[index], values[index]) for keys, values in self._layers]
        self.lengths = self.lengths[index]

    def forget(self, row: int, n_tokens: int) -> None:
        """Make the last `n_tokens` of `row` as if they had never been."""
        self.lengths[row] -= n_tokens

    def add(self, layer: int, keys: Floats, values: Floats) -> tuple[Floats, Floats]:
        """Take in one token of each row, (rows, heads, head width); all that are there now.

        Keys come back as (rows, heads, head width, tokens), values as (rows, heads, tokens, head
        width), as many tokens as the longest row has.
        """
        all_keys, all_values = self._layers[layer]
        n = int(self.lengths.max())
        if self.hidden is None:
            all_keys[:, :, :, n] = keys
            all_values[:, :, n] = values
        else:
            rows = np.arange(len(keys))
            all_keys[rows, :, :, self.lengths] = keys
            all_values[rows, :, self.lengths] = values
        return all_keys[:, :, :, : n + 1], all_values[:, :, : n + 1]


def _attended(scores: Floats, values: Floats) -> Floats:
    """The means of `values` with the softmax of `scores` as weights; `scores` are used up."""
    scores -= scores.max(-1, keepdims=True)
    np.exp(scores, out=scores)
    found: Floats = scores @ values
    found /= scores.sum(-1, keepdims=True)
    return found


def _side_by_side(matrix: Floats, head_width: int) -> Floats:
    """`matrix` with the rows of each head in the order 0, half, 1, half + 1, ..."""
    halves = matrix.reshape(-1, 2, head_width // 2, matrix.shape[-1])
    return halves.transpose(0, 2, 1, 3).reshape(matrix.shape)

"""Attention on tensors: cases of all shapes, the formula, and one path or one kernel alone."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from resonance_native.torch import functional as paths

NAMES = ("q", "k", "v", "phase_q", "phase_k")
TOLERANCE = {"float64": 1e-13, "float32": 3e-6, "bfloat16": 4e-2, "float16": 5e-3}

# Leading axes of q, k, v, phase_q, phase_k and key_mask (None: no mask); Lq, Lk, d, dv; causal.
CASES = {
    "one head": ((), (), (), (), (), None, 5, 7, 4, 3, False),
    "heads": ((2, 3), (2, 3), (2, 3), (2, 3), (2, 3), None, 33, 33, 17, 17, True),
    "one query": ((2,), (2,), (2,), (2,), (2,), None, 1, 70, 8, 8, True),
    "shared": ((2, 1), (3,), (1, 1), (3,), (), (2, 1), 9, 13, 5, 2, False),
    "phases of more heads": ((), (), (), (4,), (4,), None, 6, 6, 3, 5, True),
    "mask of more heads": ((), (), (), (), (), (3, 2), 4, 5, 3, 2, True),
    "four leading axes": ((2, 1, 3, 2), (2, 3, 2), (2, 1, 1, 1, 2), (2,), (1,), (3, 1), 4, 5, 3, 2, True),
    "fewer queries": ((3,), (3,), (3,), (3,), (3,), None, 20, 65, 6, 9, True),
    "more queries": ((3,), (3,), (3,), (3,), (3,), None, 40, 11, 6, 12, True),
    "wide values": ((3,), (3,), (3,), (3,), (3,), None, 7, 8, 2, 19, False),
    "long": ((2,), (2,), (2,), (2,), (2,), (2,), 150, 203, 24, 24, True),
    "no queries": ((2,), (2,), (2,), (2,), (2,), None, 0, 3, 4, 4, True),
    "no keys": ((2,), (2,), (2,), (2,), (2,), (2,), 3, 0, 4, 4, True),
    "no columns": ((2,), (2,), (2,), (2,), (2,), None, 3, 4, 0, 2, False),
    "no values": ((2,), (2,), (2,), (2,), (2,), None, 3, 4, 2, 0, False),
    "no heads": ((2, 0), (2, 1), (2, 1), (0,), (), (2, 1), 3, 4, 2, 5, False),
}


def plain(
    q: Any, k: Any, v: Any, phase_q: Any, phase_k: Any, *, scale: Any = None, causal: bool = False, key_mask: Any = None
) -> np.ndarray:
    """The formula, with a weight of 0 for every key of a query that sees none."""
    q, k, v, phase_q, phase_k = (x.detach().double().numpy() for x in (q, k, v, phase_q, phase_k))
    scores = q @ np.swapaxes(k, -1, -2) * np.cos(phase_q[..., :, None] - phase_k[..., None, :])
    scores = scores * (1 / math.sqrt(max(q.shape[-1], 1)) if scale is None else scale)
    visible = np.ones(scores.shape, bool)
    if causal:
        visible &= np.tri(*scores.shape[-2:], scores.shape[-1] - scores.shape[-2], dtype=bool)
    if key_mask is not None:
        visible = visible & key_mask.numpy()[..., None, :]
    weights = np.where(visible, np.exp(scores - scores.max(axis=-1, keepdims=True, initial=-np.inf)), 0)
    return (weights / np.maximum(weights.sum(axis=-1, keepdims=True), 1e-300)) @ v


def draw(case: tuple[Any, ...], dtype: Any, seed: int = 0) -> tuple[list[Any], dict[str, Any]]:
    """Tensors of a case, and keywords. The first key mask hides every key."""
    *leading, mask, n_queries, n_keys, d, dv, causal = case
    rng = np.random.default_rng(seed)
    shapes = [(n_queries, d), (n_keys, d), (n_keys, dv), (n_queries,), (n_keys,)]
    drawn = [torch.tensor(rng.normal(0, 1, (*lead, *own))) for lead, own in zip(leading, shapes, strict=True)]
    operands = [x.to(dtype) for x in drawn[:3]] + [(2 * x).to(dtype) for x in drawn[3:]]
    keywords: dict[str, Any] = {"causal": causal}
    if mask is not None:
        keywords["key_mask"] = torch.tensor(rng.random((*mask, n_keys)) < 0.6)
        keywords["key_mask"][(0,) * len(mask)] = False
    return operands, keywords


def largest_error(got: Any, wanted: Any) -> float:
    assert got.shape == wanted.shape
    return float(np.abs(got.detach().double().numpy() - wanted).max(initial=0))


def refuse(*_: Any) -> Any:
    raise AssertionError("the other path was to be taken")


@contextlib.contextmanager
def only(path: str) -> Iterator[None]:
    """The other path fails here."""
    other = {"native": "identity_attention", "identity": "native_attention"}[path]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, other, refuse)
        yield


def sdpa_kernel(name: str) -> Any:
    """PyTorch's kernel of that name and no other."""
    return torch.nn.attention.sdpa_kernel(getattr(torch.nn.attention.SDPBackend, name))


# What PyTorch says the first time it loads its forward-mode derivatives.
own_deprecation = pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")

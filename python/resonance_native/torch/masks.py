"""Which keys a query sees."""

from __future__ import annotations

import torch
from torch import Tensor


def visibility(
    n_queries: int, n_keys: int, causal: bool, key_mask: Tensor | None, device: torch.device
) -> tuple[bool, Tensor | None, Tensor | None]:
    """What ``scaled_dot_product_attention`` takes as ``is_causal`` and ``attn_mask``, and the queries that see nothing.

    The mask is True where a query sees a key, (..., Lq or 1, Lk), the third True for such queries, (..., Lq or 1, 1).
    PyTorch aligns its own causal masks at the first query, so they serve only where that makes no difference. A softmax
    over no key is 0/0, and its gradient NaN: a query that sees nothing is let look at every key instead, and its output
    is to be replaced by zeros.
    """
    # Branches, not boolean expressions of sizes: compiled code with dynamic shapes has no plain bool for these.
    if n_queries == 1:
        causal = False  # a single query is the last one
    if key_mask is None:
        if not causal:
            return False, None, None
        if n_queries == n_keys:
            return True, None, None
        visible = _up_to_last_key(n_queries, n_keys, device)
        if n_queries < n_keys:
            return False, visible, None
    else:
        visible = key_mask.unsqueeze(-2)
        if causal:
            visible = visible & _up_to_last_key(n_queries, n_keys, device)
    blind = ~visible.any(dim=-1, keepdim=True)
    return False, visible | blind, blind


def _up_to_last_key(n_queries: int, n_keys: int, device: torch.device) -> Tensor:
    """True where j ≤ i + Lk − Lq, (Lq, Lk)."""
    last_key = torch.arange(n_queries, device=device) + (n_keys - n_queries)
    return torch.arange(n_keys, device=device) <= last_key.unsqueeze(-1)

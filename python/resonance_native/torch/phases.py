"""Where the phases of a layer come from."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

# Phases are drawn with this standard deviation [rad]. Differences then have 0.14 rad, and cosines begin at 0.99 on
# average, so that the layer begins as ordinary attention. Zero would be no place to begin: the slope of the cosine is
# sin 0 = 0 there, and phases that are all equal never part. At 0.14 rad it is a seventh of its largest value.
INITIAL_SPREAD = 0.1


class InputPhases(nn.Module):
    """Phases as a linear function of what stands at a position, one a head.

    Parameters
    ----------
    embed_dim : int
        Columns of the input.
    num_heads : int
        Number of heads.
    bias : bool
        Whether phases have an offset.
    **factory : Any
        ``device`` and ``dtype`` of the parameters.
    """

    def __init__(self, embed_dim: int, num_heads: int, bias: bool, **factory: Any) -> None:
        super().__init__()
        self.q_proj = nn.Linear(embed_dim, num_heads, bias=bias, **factory)
        self.k_proj = nn.Linear(embed_dim, num_heads, bias=bias, **factory)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew, for inputs of unit variance."""
        for projection in (self.q_proj, self.k_proj):
            nn.init.normal_(projection.weight, std=INITIAL_SPREAD / math.sqrt(projection.in_features))
            if projection.bias is not None:
                nn.init.zeros_(projection.bias)

    def forward(self, query: Tensor, key: Tensor, causal: bool) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Phases of queries (..., num_heads, Lq) and keys (..., num_heads, Lk) [rad]."""
        return self.q_proj(query).transpose(-2, -1), self.k_proj(key).transpose(-2, -1)


class PositionPhases(nn.Module):
    """A phase of its own for each position and head.

    Parameters
    ----------
    num_heads : int
        Number of heads.
    max_length : int
        Number of positions.
    **factory : Any
        ``device`` and ``dtype`` of the parameters.
    """

    def __init__(self, num_heads: int, max_length: int, **factory: Any) -> None:
        super().__init__()
        self.q = nn.Parameter(torch.empty(num_heads, max_length, **factory))
        self.k = nn.Parameter(torch.empty(num_heads, max_length, **factory))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        nn.init.normal_(self.q, std=INITIAL_SPREAD)
        nn.init.normal_(self.k, std=INITIAL_SPREAD)

    def forward(self, query: Tensor, key: Tensor, causal: bool) -> tuple[Tensor, Tensor]:
        """Phases of queries (num_heads, Lq) and keys (num_heads, Lk) [rad]; causal queries are the last of the keys."""
        n_queries, n_keys, max_length = query.shape[-2], key.shape[-2], self.q.shape[-1]
        for name, length in (("query", n_queries), ("key", n_keys)):
            if length > max_length:
                raise ValueError(f"{name} must be no longer than max_length, {max_length}, got {length}")
        phase_k = self.k[:, :n_keys]
        if not causal or n_queries == n_keys:
            return self.q[:, :n_queries], phase_k
        if n_queries < n_keys:
            return self.q[:, n_keys - n_queries : n_keys], phase_k
        # What comes before the first key has no position, and sees no key.
        return pad(self.q[:, :n_keys], (n_queries - n_keys, 0)), phase_k

    def extra_repr(self) -> str:
        """What the repr says beside the name."""
        return f"num_heads={self.q.shape[0]}, max_length={self.q.shape[1]}"

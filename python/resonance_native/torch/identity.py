"""Phase alignment through ordinary attention, with all that PyTorch offers there."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import pad, scaled_dot_product_attention

from .masks import visibility


def identity_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    phase_q: Tensor,
    phase_k: Tensor,
    scale: float,
    causal: bool,
    key_mask: Tensor | None,
    dropout_p: float,
    leading: tuple[int, ...],
) -> Tensor:
    """Attention on [q cos φ, q sin φ] and [k cos φ, k sin φ]; arguments as checked, leading axes become ``leading``."""
    n_queries, value_columns = q.shape[-2], v.shape[-1]
    if key_mask is not None:
        k, v, phase_k = _without_hidden(k, v, phase_k, ~key_mask)
    is_causal, visible, blind = visibility(n_queries, k.shape[-2], causal, key_mask, q.device)
    out = scaled_dot_product_attention(
        _four_axes(_phase_columns(q, phase_q, scale), leading),
        _four_axes(_phase_columns(k, phase_k), leading),
        _four_axes(_values_for_kernel(v, 2 * q.shape[-1]), leading),
        attn_mask=None if visible is None else _four_axes(visible, leading),
        dropout_p=dropout_p,
        is_causal=is_causal,
        scale=1.0,  # PyTorch's fused kernel for CPUs scales after hiding: 0 · (−∞)
    )
    out = out[..., :value_columns].reshape(*leading, n_queries, value_columns)
    return out if blind is None else out.masked_fill(blind, 0)


def _without_hidden(k: Tensor, v: Tensor, phase_k: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Zeros where keys are hidden: PyTorch's masks still multiply what is there, and it may be NaN."""
    column = hidden.unsqueeze(-1)
    return k.masked_fill(column, 0), v.masked_fill(column, 0), phase_k.masked_fill(hidden, 0)


def _phase_columns(x: Tensor, phases: Tensor, scale: float = 1.0) -> Tensor:
    """scale·[x cos φ, x sin φ]; cosines in float32 at least: in bfloat16 a phase of some turns has no digits left."""
    wide = torch.promote_types(torch.promote_types(phases.dtype, x.dtype), torch.float32)
    phases = phases.to(wide).unsqueeze(-1)
    cosines, sines = scale * phases.cos(), scale * phases.sin()
    return torch.cat([x * cosines.to(x.dtype), x * sines.to(x.dtype)], dim=-1)


def _values_for_kernel(v: Tensor, columns: int) -> Tensor:
    """``v`` with zeros beside it where that lets PyTorch take its fused kernel.

    On a CPU that one wants values as wide as keys. It keeps no matrix of scores, and took half to a quarter of the time
    of the plain one. But torch.func cannot transform it.
    """
    if v.device.type != "cpu" or v.shape[-1] >= columns:
        return v
    if not torch.compiler.is_compiling() and torch._C._are_functorch_transforms_active():
        return v
    return pad(v, (0, columns - v.shape[-1]))


def _four_axes(x: Tensor, leading: tuple[int, ...]) -> Tensor:
    """``x`` as (batch, heads, rows, columns): the fused kernels take nothing else."""
    heads = leading[-1] if leading else 1
    return x.expand(*leading, *x.shape[-2:]).reshape(math.prod(leading[:-1]), heads, *x.shape[-2:])

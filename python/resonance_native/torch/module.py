"""Attention through phase alignment, as a layer."""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
from torch import Tensor, nn

from ..validation import whole_number
from .checks import checked_probability, checked_scale
from .functional import phase_attention
from .phases import InputPhases, PositionPhases


class PhaseAttention(nn.Module):
    """Multi-head attention through phase alignment, in the manner of ``nn.MultiheadAttention(batch_first=True)``.

    Each head has a phase for every query and every key, and multiplies scores by the cosine of their difference; see
    :func:`phase_attention`. It begins close to ordinary attention.

    Parameters
    ----------
    embed_dim : int
        Columns of inputs and output, a multiple of ``num_heads``.
    num_heads : int
        Number of heads.
    phases : {"input", "position"}
        Where phases come from: a linear function of the input at a position, or a parameter for each position.
    max_length : int, optional
        Number of positions; needed for ``phases="position"``, and for nothing else.
    dropout : float
        Probability of leaving an attention weight out while training, in [0, 1].
    bias : bool
        Whether projections, those of phases included, have a bias.
    scale : float, optional
        Factor of the scores; None is 1/√(embed_dim / num_heads).
    device, dtype
        Of the parameters, as in every module.

    Attributes
    ----------
    q_proj, k_proj, v_proj, out_proj : nn.Linear
        Projections of queries, keys, values and output, (embed_dim, embed_dim).
    phases : nn.Module
        Called with query, key and ``causal``; gives phases (..., num_heads, Lq) and (..., num_heads, Lk) [rad]. Its
        parameters are ``q_proj`` and ``k_proj``, or ``q`` and ``k``, (num_heads, max_length).

    Notes
    -----
    In evaluation without gradients (``torch.no_grad()`` or ``torch.inference_mode()``), float32 and float64 layers on a
    CPU run on the package's own kernel.

    Examples
    --------
    >>> import torch
    >>> from resonance_native.torch import PhaseAttention
    >>> attention = PhaseAttention(64, 8)
    >>> attention(torch.randn(2, 10, 64), causal=True).shape
    torch.Size([2, 10, 64])
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        *,
        phases: Literal["input", "position"] = "input",
        max_length: int | None = None,
        dropout: float = 0.0,
        bias: bool = True,
        scale: float | None = None,
        device: torch.device | str | int | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.embed_dim = whole_number("embed_dim", embed_dim, at_least=1)
        self.num_heads = whole_number("num_heads", num_heads, at_least=1)
        if self.embed_dim % self.num_heads:
            raise ValueError(f"embed_dim must be a multiple of num_heads, {num_heads}, got {embed_dim}")
        self.dropout = checked_probability("dropout", dropout)
        self.scale = None if scale is None else checked_scale(scale)
        factory = {"device": device, "dtype": dtype}
        self.phases = _phases(phases, self.embed_dim, self.num_heads, max_length, bias, factory)
        self.q_proj = nn.Linear(self.embed_dim, self.embed_dim, bias=bias, **factory)
        self.k_proj = nn.Linear(self.embed_dim, self.embed_dim, bias=bias, **factory)
        self.v_proj = nn.Linear(self.embed_dim, self.embed_dim, bias=bias, **factory)
        self.out_proj = nn.Linear(self.embed_dim, self.embed_dim, bias=bias, **factory)
        self._reset_projections()

    def reset_parameters(self) -> None:
        """Draw all parameters anew."""
        self.phases.reset_parameters()
        self.out_proj.reset_parameters()
        self._reset_projections()

    def forward(
        self,
        query: Tensor,
        key: Tensor | None = None,
        value: Tensor | None = None,
        *,
        key_mask: Tensor | None = None,
        causal: bool = False,
    ) -> Tensor:
        """Attend from ``query`` to ``key``.

        Parameters
        ----------
        query : Tensor, (batch, Lq, embed_dim) or (Lq, embed_dim)
            What asks.
        key : Tensor, (batch, Lk, embed_dim) or (Lk, embed_dim), optional
            What is looked at; None is ``query``.
        value : Tensor, as ``key``, optional
            What is handed on; None is ``key``.
        key_mask : Tensor of bool, (batch, Lk) or (Lk,), optional
            True where a key is visible. (``nn.MultiheadAttention`` has True where it is not.)
        causal : bool
            Whether query i sees only keys j ≤ i + Lk − Lq.

        Returns
        -------
        Tensor, (batch, Lq, embed_dim) or (Lq, embed_dim)
            The bias of ``out_proj`` alone for a query that sees no key.

        Raises
        ------
        TypeError, ValueError
            If an argument is of the wrong kind, dtype, device or shape, or longer than ``max_length``.
        """
        key = query if key is None else key
        value = key if value is None else value
        self._require_inputs(query, key, value, key_mask)
        phase_q, phase_k = self.phases(query, key, causal)
        out = phase_attention(
            self._heads(self.q_proj(query)),
            self._heads(self.k_proj(key)),
            self._heads(self.v_proj(value)),
            phase_q,
            phase_k,
            scale=self.scale,
            causal=causal,
            key_mask=None if key_mask is None else key_mask.unsqueeze(-2),
            dropout_p=self.dropout if self.training else 0.0,
        )
        return self.out_proj(out.transpose(-3, -2).flatten(-2))

    def extra_repr(self) -> str:
        """What the repr says beside the parts."""
        said = f"{self.embed_dim}, num_heads={self.num_heads}, dropout={self.dropout}"
        return said if self.scale is None else f"{said}, scale={self.scale}"

    def _heads(self, x: Tensor) -> Tensor:
        """(..., L, embed_dim) as (..., num_heads, L, columns of a head), without a copy."""
        return x.unflatten(-1, (self.num_heads, -1)).transpose(-3, -2)

    def _reset_projections(self) -> None:
        for projection in (self.q_proj, self.k_proj, self.v_proj):
            # As nn.MultiheadAttention, which draws all three as one matrix (3·embed_dim, embed_dim).
            nn.init.xavier_uniform_(projection.weight, gain=1 / math.sqrt(2))
        for projection in (self.q_proj, self.k_proj, self.v_proj, self.out_proj):
            if projection.bias is not None:
                nn.init.zeros_(projection.bias)

    def _require_inputs(self, query: Tensor, key: Tensor, value: Tensor, key_mask: Tensor | None) -> None:
        for name, x in (("query", query), ("key", key), ("value", value)):
            if not isinstance(x, Tensor):
                raise TypeError(f"{name} must be a torch.Tensor, got {type(x).__name__}")
            if x.dim() not in (2, 3) or x.shape[-1] != self.embed_dim:
                wanted = f"(batch, length, {self.embed_dim}) or (length, {self.embed_dim})"
                raise ValueError(f"{name} must have shape {wanted}, got shape {tuple(x.shape)}")
        if value.shape[-2] != key.shape[-2]:
            raise ValueError(f"value must be as long as key, {key.shape[-2]}, got shape {tuple(value.shape)}")
        if key_mask is None:
            return
        if not isinstance(key_mask, Tensor):
            raise TypeError(f"key_mask must be a torch.Tensor, got {type(key_mask).__name__}")
        if key_mask.dim() not in (1, key.dim() - 1) or key_mask.shape[-1] != key.shape[-2]:
            wanted = " or ".join(str(tuple(shape)) for shape in dict.fromkeys((key.shape[:-1], key.shape[-2:-1])))
            raise ValueError(f"key_mask must have shape {wanted}, got shape {tuple(key_mask.shape)}")


def _phases(
    kind: str, embed_dim: int, num_heads: int, max_length: int | None, bias: bool, factory: dict[str, Any]
) -> InputPhases | PositionPhases:
    if kind not in ("input", "position"):
        raise ValueError(f"phases must be 'input' or 'position', got {kind!r}")
    if kind == "position":
        if max_length is None:
            raise ValueError("phases='position' needs max_length")
        return PositionPhases(num_heads, whole_number("max_length", max_length, at_least=1), **factory)
    if max_length is not None:
        raise ValueError(f"max_length must be None where phases is 'input', got {max_length}")
    return InputPhases(embed_dim, num_heads, bias, **factory)

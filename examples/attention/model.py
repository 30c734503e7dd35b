"""The transformer: the same for all arms but for attention, and of the same number of parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from resonance_native.torch import PhaseAttention

Arm = Literal["none", "input", "position"]
ARMS: tuple[Arm, ...] = ("none", "input", "position")


@dataclass(frozen=True)
class Size:
    """Width of the model, its heads, layers, the characters that it sees, and hidden units of a layer.

    A layer's phases have 2·width·heads parameters if they come from the input, and 2·heads·context if positions have
    their own: as many, where context is width. A hidden unit has 2·width. So ordinary attention gets one more hidden
    unit a head.
    """

    width: int = 96
    heads: int = 4
    layers: int = 3
    hidden: int = 384

    @property
    def context(self) -> int:
        """As many characters as columns."""
        return self.width


class OrdinaryAttention(nn.Module):
    """Causal self-attention with the projections of :class:`PhaseAttention`, and no phases."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width, bias=False) for _ in range(4))

    def forward(self, x: Tensor, *, causal: bool) -> Tensor:
        """(batch, L, width) from the same."""
        q, k, v = (
            projection(x).unflatten(-1, (self.heads, -1)).transpose(-3, -2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        out = scaled_dot_product_attention(q, k, v, is_causal=causal)
        return self.out_proj(out.transpose(-3, -2).flatten(-2))


class Layer(nn.Module):
    """Attention, then two linear maps with a GELU between, each beside the identity and behind a normalisation."""

    def __init__(self, size: Size, arm: Arm) -> None:
        super().__init__()
        self.attention_norm, self.hidden_norm = nn.LayerNorm(size.width), nn.LayerNorm(size.width)
        self.attention = _attention(size, arm)
        hidden = size.hidden + (size.heads if arm == "none" else 0)
        self.up = nn.Linear(size.width, hidden, bias=False)
        self.down = nn.Linear(hidden, size.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, L, width) from the same."""
        x = x + self.attention(self.attention_norm(x), causal=True)
        return x + self.down(nn.functional.gelu(self.up(self.hidden_norm(x))))


def _attention(size: Size, arm: Arm) -> nn.Module:
    if arm == "none":
        return OrdinaryAttention(size.width, size.heads)
    keywords: dict[str, Any] = {"max_length": size.context} if arm == "position" else {}
    return PhaseAttention(size.width, size.heads, phases=arm, bias=False, **keywords)


class Reader(nn.Module):
    """Logits of the next character at every place of a text."""

    def __init__(self, size: Size, arm: Arm, vocabulary: int) -> None:
        super().__init__()
        self.characters = nn.Embedding(vocabulary, size.width)
        self.places = nn.Embedding(size.context, size.width)
        self.layers = nn.ModuleList(Layer(size, arm) for _ in range(size.layers))
        self.norm = nn.LayerNorm(size.width)
        self.logits = nn.Linear(size.width, vocabulary, bias=False)

    def forward(self, codes: Tensor) -> Tensor:
        """(batch, L, vocabulary) from codes (batch, L)."""
        x = self.characters(codes) + self.places(torch.arange(codes.shape[-1], device=codes.device))
        for layer in self.layers:
            x = layer(x)
        return self.logits(self.norm(x))


def build(size: Size, arm: Arm, vocabulary: int, seed: int) -> Reader:
    """A model whose parameters are, where the arms share them, those of every arm of this seed.

    They are drawn for ordinary attention. Phases, which that lacks, are drawn behind them.
    """
    torch.manual_seed(seed)
    drawn = Reader(size, "none", vocabulary)
    for name, parameter in drawn.named_parameters():
        if parameter.dim() == 2:
            residual = name.endswith(("out_proj.weight", "down.weight"))
            nn.init.normal_(parameter, std=0.02 / (2 * size.layers) ** 0.5 if residual else 0.02)
    if arm == "none":
        return drawn
    model = Reader(size, arm, vocabulary)
    shared = dict(drawn.named_parameters())
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in shared:  # hidden units are fewer here: the first ones
                parameter.copy_(shared[name][tuple(slice(length) for length in parameter.shape)])
    return model


def count_parameters(model: nn.Module) -> int:
    """Numbers that training changes."""
    return sum(parameter.numel() for parameter in model.parameters())

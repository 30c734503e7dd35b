"""What became of the phases of a trained model."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .model import Reader


@dataclass(frozen=True)
class PhaseReport:
    """By layer: the mean coherence cos(φ_q − φ_k) of the pairs that may see each other, and the share below 0.

    Untrained layers have a mean of 0.99 and a share of 0.
    """

    coherence: list[float]
    opposed: list[float]


@torch.no_grad()
def look_at_phases(model: Reader, codes: Tensor) -> PhaseReport:
    """The phases that ``model`` gives to the places of ``codes`` (batch, L)."""
    seen: list[tuple[Tensor, Tensor]] = []
    hooks = [
        layer.attention.phases.register_forward_hook(lambda _module, _inputs, phases: seen.append(phases))
        for layer in model.layers
    ]
    model(codes)
    for hook in hooks:
        hook.remove()
    visible = torch.ones(codes.shape[-1], codes.shape[-1], dtype=torch.bool).tril()
    coherences = [torch.cos(phase_q[..., :, None] - phase_k[..., None, :])[..., visible] for phase_q, phase_k in seen]
    return PhaseReport(
        [float(coherence.mean()) for coherence in coherences],
        [float((coherence < 0).float().mean()) for coherence in coherences],
    )

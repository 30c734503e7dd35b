"""Text from a trained model."""

from __future__ import annotations

import torch

from .data import VOCABULARY, encode
from .model import Reader


@torch.no_grad()
def continued(model: Reader, prompt: str, length: int, generator: torch.Generator) -> str:
    """``prompt`` and ``length`` drawn characters. Without gradients, phase attention runs on the native kernel."""
    model.eval()
    context = model.places.num_embeddings
    codes = encode(prompt).long()
    for _ in range(length):
        likelihoods = model(codes[None, -context:])[0, -1].softmax(-1)
        codes = torch.cat([codes, torch.multinomial(likelihoods, 1, generator=generator)])
    return "".join(VOCABULARY[code] for code in codes.tolist())

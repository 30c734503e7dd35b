"""Attention through phase alignment for PyTorch.

Needs PyTorch ≥ 2.4: ``pip install "resonance-native[torch]"``.

:func:`phase_attention` is the function, beside :func:`torch.nn.functional.scaled_dot_product_attention`;
:class:`PhaseAttention` is the layer, beside :class:`torch.nn.MultiheadAttention`. Both work wherever PyTorch does: with
gradients, under ``torch.compile``, in half precision, on a GPU. Where none of these is asked for, the C++ kernel of
:func:`resonance_native.phase_attention` computes, on the tensors' own memory.
"""

try:
    from torch.amp import custom_fwd as _needs_version_2_4  # noqa: F401
except ImportError as error:
    raise ImportError(
        'resonance_native.torch needs PyTorch ≥ 2.4; try: pip install "resonance-native[torch]"'
    ) from error

from .functional import phase_attention
from .module import PhaseAttention

__all__ = ["PhaseAttention", "phase_attention"]

"""Attention through phase alignment, as a function of tensors."""

from __future__ import annotations

import math

from torch import Tensor

from .checks import checked_operands, checked_probability, checked_scale
from .identity import identity_attention
from .native import native_attention, native_serves


def phase_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    phase_q: Tensor,
    phase_k: Tensor,
    *,
    scale: float | None = None,
    causal: bool = False,
    key_mask: Tensor | None = None,
    dropout_p: float = 0.0,
) -> Tensor:
    """Attention whose scores are multiplied by the coherence of query and key.

    ::

        scores_ij = scale · (Σ_c q_ic k_jc) · cos(φ_i − φ_j)
        out_i     = Σ_j softmax_j(scores_ij) v_j                    over the keys j that query i sees

    Parameters
    ----------
    q : Tensor, (..., Lq, d)
        Queries. Leading axes of all tensors broadcast by NumPy's rules.
    k : Tensor, (..., Lk, d)
        Keys.
    v : Tensor, (..., Lk, dv)
        Values.
    phase_q : Tensor, (..., Lq)
        Phases of the queries [rad], float32, float64 or of the dtype of ``q``.
    phase_k : Tensor, (..., Lk)
        Phases of the keys [rad].
    scale : float, optional
        Factor of the scores; None is 1/√d, as in :func:`~torch.nn.functional.scaled_dot_product_attention`. (Without
        PyTorch, :func:`resonance_native.phase_attention` has 1, as published.)
    causal : bool
        Whether query i sees only keys j ≤ i + Lk − Lq: sequences are aligned at their ends, so that the last query sees
        all keys.
    key_mask : Tensor of bool, (..., Lk), optional
        True where a key is visible. What is hidden may be anything, NaN too, and has no gradient.
    dropout_p : float
        Probability of leaving a weight out, in [0, 1]. It acts in evaluation too: pass 0 there.

    Returns
    -------
    Tensor, (..., Lq, dv)
        Zeros, without gradient, for a query that sees no key.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, dtype, device or shape.

    Notes
    -----
    Since cos(φ_i − φ_j) = cos φ_i cos φ_j + sin φ_i sin φ_j, this is ordinary attention on [q cos φ, q sin φ] and
    [k cos φ, k sin φ], of 2d columns, and that is what is computed: by ``scaled_dot_product_attention``, with all that
    PyTorch offers there. Cosines are taken in float32 at least. Second derivatives and forward-mode derivatives need
    PyTorch's plain kernel: under ``torch.func`` it is taken, elsewhere ask for it by
    ``with torch.nn.attention.sdpa_kernel(SDPBackend.MATH)``.

    On a CPU the package's own kernel does it instead where tensors are float32 or float64, no gradient is recorded,
    there is no dropout, and nothing traces or transforms the call (``torch.compile``, ``torch.func``, autocast). It
    reads tensors where they lie, and uses ``torch.get_num_threads()`` threads.

    Examples
    --------
    >>> import torch
    >>> from resonance_native.torch import phase_attention
    >>> q, k, v = torch.randn(3, 2, 8, 100, 64).unbind()  # 2 sequences, 8 heads, 100 tokens, 64 columns
    >>> phase_q, phase_k = torch.rand(2, 2, 8, 100).unbind()
    >>> phase_attention(q, k, v, phase_q, phase_k, causal=True).shape
    torch.Size([2, 8, 100, 64])
    """
    leading = checked_operands(q, k, v, phase_q, phase_k, causal, key_mask)
    dropout_p = checked_probability("dropout_p", dropout_p)
    scale = 1 / math.sqrt(max(q.shape[-1], 1)) if scale is None else checked_scale(scale)
    if native_serves(q, k, v, phase_q, phase_k, key_mask, dropout_p):
        out = native_attention(q, k, v, phase_q, phase_k, scale, causal, key_mask, leading)
        if out is not None:
            return out
    return identity_attention(q, k, v, phase_q, phase_k, scale, causal, key_mask, dropout_p, leading)

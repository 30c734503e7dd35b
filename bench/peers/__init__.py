"""The step in numba, PyTorch and JAX, each as one who knows the package would write it.

``python -m bench.peers``, in the root of a checkout, runs ``resonance-native bench`` with them; a package that
is not installed is named in the table. ``pip install ".[peers]"`` brings all.
"""

from __future__ import annotations

from resonance_native.bench.contenders import Source

from . import jax_peer, numba_peer, torch_peer

SOURCES = (
    Source("numba", numba_peer.contenders),
    Source("PyTorch", torch_peer.contenders),
    Source("JAX", jax_peer.contenders),
)

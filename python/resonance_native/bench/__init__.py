"""The benchmark suite: NumPy, the native steps and the machine's ceilings, taking turns in one run.

``resonance-native bench`` runs it; ``python -m bench.peers``, in a checkout, adds numba, PyTorch and JAX.
"""

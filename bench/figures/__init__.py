"""The figures that the documentation quotes, measured side by side on this machine: ``python -m bench.figures``.

A quiet machine is needed, and NumPy's BLAS free to choose its kernels (no ``OPENBLAS_CORETYPE``).
"""

"""A run on the ranks of an MPI program, for bits.py: ``mpiexec -n 2 python -m bench.numerics.on_ranks DTYPE PATH``."""

from __future__ import annotations

import sys

import numpy as np
from mpi4py import MPI

from resonance_native import mpi

from .bits import whole_run


def main(dtype: str, path: str) -> None:
    """Write the state at ``path``."""
    weights, amplitudes, phases = whole_run(mpi.ResonanceNetwork, dtype)
    if MPI.COMM_WORLD.rank == 0:
        np.savez(path, weights=weights, amplitudes=amplitudes, phases=phases)


if __name__ == "__main__":
    main(*sys.argv[1:])

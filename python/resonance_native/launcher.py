"""Whether an MPI launcher has started this process as one of several: told without MPI, which takes time to load."""

from __future__ import annotations

import os
from collections.abc import Mapping

# Names of a rank and of their number: MPICH's Hydra, Intel MPI and srun with PMI-2; Open MPI; MVAPICH.
_NAMES = (
    ("PMI_RANK", "PMI_SIZE"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE"),
)


def launched(environment: Mapping[str, str] = os.environ) -> tuple[int, int] | None:
    """Rank and number of ranks, or None where there are not several.

    A Slurm job has a number of tasks in its shell already: it counts where srun's PMIx plugin has numbered this one.
    """
    for rank, size in _NAMES:
        if rank in environment and size in environment:
            return _several(environment[rank], environment[size])
    rank_of_pmix = environment.get("PMIX_RANK")
    if rank_of_pmix is not None and rank_of_pmix == environment.get("SLURM_PROCID"):
        return _several(rank_of_pmix, environment.get("SLURM_STEP_NUM_TASKS", ""))
    return None


def _several(rank: str, size: str) -> tuple[int, int] | None:
    if not (rank.isdecimal() and size.isdecimal()):
        return None
    return (int(rank), int(size)) if int(size) > 1 else None

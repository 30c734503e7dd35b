"""Measures of synchrony, locking and rank, on arrays.

Phases are in radians, any finite value, with the nodes along the last axis. A trajectory is (T, n): T samples, time
along axis 0, as ``recording.phases`` holds it. Every function takes any real array-like, computes in float64, and
changes nothing. Long trajectories are worked through in blocks of samples, so that little memory is needed beside them.

========================  ===================================================================
function                  what it gives
========================  ===================================================================
order_parameter           mean of exp(imφ), of all nodes or of each group
local_order_parameter     coherence of what each node is connected to
metastability             how much the coherence of groups varies in time
chimera_index             how much it varies between groups
mean_frequency            turns a second of each node
phase_locking_matrix      how constant each pair's phase difference is
locked_clusters           which nodes are locked together
effective_rank            dimensions that a matrix uses, by the entropy of its singular values
participation_ratio       the same, by their squares
========================  ===================================================================
"""

from .frequency import mean_frequency
from .locking import locked_clusters, phase_locking_matrix
from .rank import effective_rank, participation_ratio
from .synchrony import chimera_index, local_order_parameter, metastability, order_parameter

__all__ = [
    "chimera_index",
    "effective_rank",
    "local_order_parameter",
    "locked_clusters",
    "mean_frequency",
    "metastability",
    "order_parameter",
    "participation_ratio",
    "phase_locking_matrix",
]

"""Part four of the demo: coupled oscillators that synchronise through the weights they learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import resonance_native as rn

if TYPE_CHECKING:
    from numpy.typing import NDArray

CENTRES = (1.0, 3.0, 5.0)  # natural frequencies of the three groups [Hz]
SPREAD = 0.05  # their standard deviation within a group [Hz]
SHARES = (0.36, 0.34, 0.30)  # of the nodes, by group
COUPLING, GAIN = 30.0, 7.0  # both are divided by n
TIME_CONSTANT, STRENGTH = 7.0, 2.0  # of the learning: memory [s], and the weight of a pair in phase at |a| = 1
DT = 0.01  # time step [s]
STEPS_PER_SAMPLE = 2


@dataclass(frozen=True)
class Synchronisation:
    """What one run of the synchronising network left behind."""

    net: rn.ResonanceNetwork
    groups: NDArray[np.intp]  # (n,) group of each node, by natural frequency
    times: NDArray[np.float64]  # (samples,) [s]
    phases: NDArray[np.float64]  # (samples, n) [rad]
    weights_before: NDArray[np.float64]  # (n, n)
    weights_after: NDArray[np.float64]  # (n, n)

    @property
    def order(self) -> NDArray[np.float64]:
        """Order parameter |r| of the whole network (samples,)."""
        return np.asarray(np.abs(rn.analysis.order_parameter(self.phases)))

    @property
    def group_order(self) -> NDArray[np.float64]:
        """Order parameter |r| within each group (samples, groups)."""
        return np.asarray(np.abs(rn.analysis.order_parameter(self.phases, groups=self.groups)))

    def moments(self) -> tuple[int, int, int]:
        """Return three samples to show: the start, half way into order, and the groups apart near the end."""
        mean_order = self.group_order.mean(axis=1)
        half_way = int(np.argmax(mean_order >= (mean_order[0] + mean_order.max()) / 2))
        last = self.times >= self.times[-1] - 1.5
        return 0, half_way, int(np.argmin(np.where(last, self.order, np.inf)))

    def recovered(self) -> tuple[int, int]:
        """Clusters read from the learned weights alone: how many, and how many nodes they place in their own group.

        Nodes are linked where the weight exceeds half the largest one; linked nodes form a cluster.
        """
        linked = self.weights_after > self.weights_after.max() / 2
        np.fill_diagonal(linked, True)
        labels = np.arange(len(linked))
        while True:  # every node takes the smallest label among those linked to it, until none changes
            smallest = np.where(linked | linked.T, labels, len(labels)).min(axis=1)
            if np.array_equal(smallest, labels):
                break
            labels = smallest
        clusters = np.unique(labels)
        # A cluster counts for the group that most of its nodes belong to, and each group for one cluster.
        table = np.array([[np.sum((labels == c) & (self.groups == g)) for g in range(len(CENTRES))] for c in clusters])
        table[table < table.max(axis=1, keepdims=True)] = 0
        return len(clusters), int(table.max(axis=0).sum())


def synchronise(n: int = 240, seconds: float = 12.0, seed: int = 3) -> Synchronisation:
    """Run a coupled network from random phases and nearly uniform weights.

    Parameters
    ----------
    n
        Number of nodes, in three groups of natural frequencies.
    seconds
        Time to simulate [s].
    seed
        Of the frequencies, phases and weights at the start.
    """
    rates: Any = rn.learning_rates(TIME_CONSTANT, DT, STRENGTH)
    rng = np.random.default_rng(seed)
    bounds = np.round(np.cumsum(SHARES) * n).astype(int)
    groups = rng.permutation(np.searchsorted(bounds, np.arange(n), side="right"))
    frequencies = np.asarray(CENTRES)[groups] + SPREAD * rng.standard_normal(n)
    net = rn.ResonanceNetwork.from_state(
        rng.uniform(0, 2 * np.pi, n), frequencies, np.ones(n), 0.25 + 0.1 * rng.standard_normal((n, n)),
        coupling=COUPLING / n, gain=GAIN / n, **rates,
    )  # fmt: skip
    before = net.weights.copy()
    recorder = rn.Recorder(every=STEPS_PER_SAMPLE, variables="phases")
    recording: Any = net.run(0.0, round(seconds / DT), DT, record=recorder)
    return Synchronisation(net, groups, recording.time, recording.phases, before, net.weights.copy())

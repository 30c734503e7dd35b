"""The process that ``resonance-native run`` runs in, and what would be done otherwise if it were one of several."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

import resonance_native as rn
from resonance_native import checkpoint, cli_follow, cli_run


class Process:
    """One process, alone. :class:`resonance_native.cli_ranks.RankProcess` is one of several."""

    is_first = True  # the one that prints and writes
    is_alone = True
    network: type[rn.ResonanceNetwork] = rn.ResonanceNetwork

    @contextmanager
    def agreeing(self) -> Iterator[None]:
        """What one process refuses within this, all do."""
        yield

    def require_same(self, **what: Any) -> None:
        """Refuse what differs from one process to another."""

    def load(self, path: Path) -> tuple[rn.ResonanceNetwork, dict[str, Any]]:
        """Return the network of a checkpoint, and what was saved beside it."""
        return checkpoint.load(path, rn.ResonanceNetwork)

    def save(self, net: rn.ResonanceNetwork, path: Path, user: Mapping[str, Any]) -> None:
        """Save the network, and something beside it."""
        checkpoint.save(net, path, user)

    def require_room(self, path: Path, net: rn.ResonanceNetwork) -> None:
        """Refuse a result that would not fit, before the run."""

    def write_result(self, path: Path, net: rn.ResonanceNetwork) -> None:
        """Write the network's state, whole or not at all."""

        def write(file: IO[bytes]) -> None:
            np.savez(file, weights=net.weights, **cli_run.all_but_weights(net))

        cli_run.replace(path, write)

    def draw(self, path: Path, net: rn.ResonanceNetwork, recording: rn.Recording) -> None:
        """Write the picture of a run."""
        chosen = cli_follow.nodes_of_weights(recording)
        cli_follow.draw(path, recording, net.weights[np.ix_(chosen, chosen)])

    def fail(self, message: str, code: int) -> int:
        """Say why the command ends, and return its exit code."""
        print(message, file=sys.stderr)
        return code

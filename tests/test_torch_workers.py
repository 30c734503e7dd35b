"""Networks in the workers of a PyTorch DataLoader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scripts import output_of_example

import resonance_native as rn

data = pytest.importorskip("torch.utils.data")

# Newer Pythons warn where a process with threads forks; that this works is what is tested.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


class Amplitudes:
    """A data set whose rows are what a network makes of its input."""

    def __init__(self) -> None:
        self.net = rn.ResonanceNetwork(550, seed=0, coupling=0.001, gain=0.02, amplitude_floor=0.1, threads=2)

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> np.ndarray:
        twin = self.net.copy()
        return twin.predict(0.1 * index, 5)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_a_data_loader(method: str) -> None:
    rows = Amplitudes()
    expected = np.array([rows[k] for k in range(len(rows))])  # OpenMP has been at work before a fork
    loader = data.DataLoader(rows, batch_size=2, num_workers=2, multiprocessing_context=method, timeout=300)
    assert np.array_equal(np.concatenate([batch.numpy() for batch in loader]), expected)


def test_the_example_of_the_page(tmp_path: Path) -> None:
    assert output_of_example(tmp_path, "concurrency.md", "DataLoader") == "[(4, 100), (4, 100)]\n"

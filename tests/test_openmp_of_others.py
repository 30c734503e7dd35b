"""Other packages bring OpenMP runtimes of their own: beside them, threads work and bits are the same."""

from __future__ import annotations

import pytest
from scripts import output_of

NETWORK = """
import hashlib
import numpy as np
import resonance_native as rn

def digest():
    net = rn.ResonanceNetwork(700, gain=30 / 700, coupling=0.1, seed=0, threads=2)
    net.run(0.5, steps=5)
    net.coupling = 0.0
    net.run(np.random.default_rng(1).standard_normal((40, 700)))
    return hashlib.sha256(net.weights.tobytes() + net.phases.tobytes()).hexdigest()
"""

OTHERS = {
    "sklearn": """
from sklearn.cluster import KMeans

def work():
    KMeans(3, n_init=1, random_state=0).fit(np.random.default_rng(2).standard_normal((2000, 20)))
""",
    "torch": """
import torch

def work():
    torch.set_num_threads(2)
    values = torch.ones(1_000_000, requires_grad=True)
    (values.sin() @ values).backward()
""",
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("first", [True, False], ids=["imported first", "imported second"])
def test_beside_another_package(other: str, first: bool) -> None:
    pytest.importorskip(other)
    alone = output_of(NETWORK + "print(digest())")
    parts = OTHERS[other] + NETWORK if first else NETWORK + OTHERS[other]
    # numpy is what both use
    beside = output_of("import numpy as np\n" + parts + "\nwork(); print(digest()); work(); print(digest())")
    assert beside.split() == alone.split() * 2

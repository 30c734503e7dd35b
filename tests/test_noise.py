"""Phase noise: the reference's numbers, the same bits however a step is taken, and what theory says of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import resonance_native as rn

TURN = 2 * np.pi


def noise_of(net: Any, steps: int = 1, dt: float = 1.0) -> np.ndarray:
    """The noise (steps, n) that a network without frequencies gets, in units of its standard deviation."""
    found = []
    for _ in range(steps):
        before = np.array(net.phases)
        net.update(0.0, dt)
        found.append((np.asarray(net.phases) - before + np.pi) % TURN - np.pi)
    return np.array(found) / (net.noise_std * np.sqrt(dt))


def still(n: int, noise_std: float = 0.05, **keywords: Any) -> rn.ResonanceNetwork:
    """A network whose phases move by noise alone."""
    return rn.ResonanceNetwork(
        n, 0.0, freq_std=0.0, weight_std=0.0, noise_std=noise_std, amplitude_floor=0.5, **{"seed": 0, **keywords}
    )


@pytest.mark.usefixtures("isa")
@given(st.integers(0, 2**64 - 1), st.integers(0, 2**62), st.integers(1, 70))
def test_the_noise_is_the_reference_s(noise_seed: int, step_count: int, n: int) -> None:
    net = still(n)
    net.noise_seed = noise_seed
    net._core.set_clock(step_count, 0.0)
    wanted = rn.reference.standard_normal(noise_seed, step_count, n)
    np.testing.assert_allclose(noise_of(net)[0], wanted, rtol=0, atol=2e-13)  # the phases' rounding, divided by 0.05


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("n", [1, 5, 33, 257, 600])
@pytest.mark.parametrize("held", [True, False])
def test_runs_have_the_phases_of_single_steps(n: int, held: bool) -> None:
    """Every engine draws the same numbers, also where it looks ahead and where it is cut."""
    rng = np.random.default_rng(n)
    x = rng.normal(size=n)
    rows = np.broadcast_to(x, (100, n)) if held else rng.normal(size=(100, n))
    nets = [rn.ResonanceNetwork(n, noise_std=0.3, gain=20 / n, amplitude_floor=0.2, seed=n) for _ in range(4)]
    for net in nets:
        net.pin(0, 0.4, phases=1.0)
    for row in rows:
        nets[0].update(row)
    nets[1].run(x, 100) if held else nets[1].run(rows)
    nets[2].run(rows[:37])
    nets[2].run(rows[37:])
    nets[3].threads = 3
    nets[3].run(x, 100) if held else nets[3].run(rows)
    for net in nets[1:]:
        assert net.phases.tobytes() == nets[0].phases.tobytes()
        np.testing.assert_allclose(net.weights, nets[0].weights, rtol=0, atol=1e-12 * np.abs(nets[0].weights).max())
    assert nets[3].weights.tobytes() == nets[1].weights.tobytes()
    assert nets[0].phases[0] == 1.0  # what is pinned feels no noise


def test_without_noise_the_seed_changes_nothing() -> None:
    nets = [rn.ResonanceNetwork(40, seed=0) for _ in range(2)]
    nets[1].noise_seed = 12345
    for net in nets:
        net.run(0.3, 50)
    assert nets[0].phases.tobytes() == nets[1].phases.tobytes()
    assert nets[0].weights.tobytes() == nets[1].weights.tobytes()


def test_the_seed_is_drawn_last_and_kept() -> None:
    import pickle

    net, reference = rn.ResonanceNetwork(7, seed=5), rn.reference.ResonanceNetwork(7, seed=5)
    assert net.noise_seed == reference.noise_seed
    assert net.copy().noise_seed == pickle.loads(pickle.dumps(net)).noise_seed == net.noise_seed
    drawn = net.noise_seed
    net.noise_seed = 3
    net.reset()
    assert net.noise_seed == drawn
    net.reset(6)
    assert net.noise_seed == rn.ResonanceNetwork(7, seed=6).noise_seed != drawn
    state = (net.phases, net.frequencies, net.amplitudes, net.weights)
    for keywords in ({"seed": 9}, {"seed": 9, "weight_std": 0.5}):
        native = rn.ResonanceNetwork.from_state(*state, **keywords)
        assert native.noise_seed == rn.reference.ResonanceNetwork.from_state(*state, **keywords).noise_seed
    unlike = {rn.ResonanceNetwork.from_state(*state).noise_seed for _ in range(3)}
    assert len(unlike) == 3


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (-1, ValueError, "noise_seed must be at least 0, got -1"),
        (2**64, ValueError, "noise_seed must be below"),
        (1.0, TypeError, "noise_seed must be an integer, got 1.0"),
        (None, TypeError, "noise_seed must be an integer, got None"),
    ],
)
def test_what_is_no_noise_seed(value: Any, kind: type[Exception], message: str) -> None:
    net = rn.ResonanceNetwork(3, seed=0)
    before = net.noise_seed
    with pytest.raises(kind, match=message):
        net.noise_seed = value
    assert net.noise_seed == before


def test_noise_that_leaves_the_range_of_phases_is_refused() -> None:
    net = still(5, noise_std=1e308)
    before = net.phases.copy()
    for advance in (lambda: net.update(0.0, 1e8), lambda: net.run(0.0, 5, 1e8)):
        with pytest.raises(ValueError, match="noise_std"):
            advance()
    assert net.phases.tobytes() == before.tobytes()
    assert net.step_count == 0


def test_numbers_are_standard_normal_and_independent() -> None:
    steps, n = 400, 500
    xi = noise_of(still(n), steps)
    count = steps * n
    assert abs(xi.mean()) < 4 / np.sqrt(count)
    assert abs(xi.var() - 1) < 4 * np.sqrt(2 / count)
    assert abs((xi**3).mean()) < 4 * np.sqrt(15 / count)
    assert abs((xi**4).mean() - 3) < 4 * np.sqrt(96 / count)
    for along, beside in (
        (xi[1:], xi[:-1]), (xi[:, 1:], xi[:, :-1]), (xi[:, 2:], xi[:, :-2]), (xi[:, 4:], xi[:, :-4]), (xi[8:], xi[:-8]),
        (noise_of(still(n, seed=1), steps), xi),
    ):  # fmt: skip
        assert abs((along * beside).mean()) < 4.5 / np.sqrt(count)
        assert abs((along**2 * beside**2).mean() - 1) < 4.5 * np.sqrt(8 / count)
    from scipy import stats

    assert stats.kstest(xi.ravel(), "norm").pvalue > 1e-3


def test_variance_grows_with_time_whatever_the_step() -> None:
    n, sigma = 20_000, 0.3
    for dt, steps in ((0.5, 8), (0.25, 16), (0.01, 400)):
        walks = []
        for seed in range(n // 500):
            net = still(500, sigma, seed=seed)
            net.phases = np.full(500, np.pi)
            net.run(0.0, steps, dt, learn=False)
            walks.append(net.phases - np.pi)
        walk = np.concatenate(walks)
        assert np.abs(walk).max() < np.pi
        assert walk.var() == pytest.approx(sigma**2 * dt * steps, rel=4 * np.sqrt(2 / n))


def test_order_decays_as_diffusion_has_it() -> None:
    """|mean exp(iφ)| = exp(−σ² t / 2) for phases that start together and diffuse."""
    sigma, dt = 0.5, 0.02
    nets = [still(1000, sigma, seed=seed) for seed in range(10)]
    for net in nets:
        net.phases = np.zeros(1000)
    for _ in range(4):
        for net in nets:
            net.run(0.0, 50, dt, learn=False)
        r = np.mean([net.order_parameter().real for net in nets])
        assert r == pytest.approx(np.exp(-(sigma**2) * nets[0].time / 2), abs=4 / np.sqrt(2 * 10_000))

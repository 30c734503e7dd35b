"""The example of a pendulum that a network learns to swing."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("mujoco")
pytest.importorskip("matplotlib")
pytest.importorskip("PIL")
pytest.importorskip("tqdm")

from examples.control import graphics
from examples.control.animation import animate
from examples.control.baselines import AdaptiveHopf, BangBang, FilteredBangBang
from examples.control.body_phase import BodyPhase
from examples.control.controllers import ResonanceController
from examples.control.packages import require
from examples.control.pendulum import Pendulum, natural_frequency
from examples.control.simulate import Recording, Sensor, simulate
from examples.control.traced import trace_network
from examples.control.trials import Schedule

import resonance_native as rn

SECONDS = 5.0
DT = 0.001


def swing(seed: int = 0, **keywords) -> Recording:
    pendulum = Pendulum()
    return simulate(pendulum, ResonanceController(pendulum.dt, seed=seed), SECONDS, **keywords)


def follow_a_swing(controller: ResonanceController) -> None:
    """Three seconds of learning from a harmonic motion of 4.5 rad/s."""
    for k in range(3000):
        controller.drive(0.1 * math.sin(0.0045 * k), 0.45 * math.cos(0.0045 * k))


@pytest.fixture(scope="module")
def recording() -> Recording:
    return swing()


def test_the_swing_grows(recording):
    start = recording.peak(0, 1)
    assert recording.peak(2, 3) > 2 * start
    assert recording.peak(SECONDS - 1, SECONDS) > 4 * start
    # Within half of what full torque along the velocity gives.
    best = simulate(Pendulum(), BangBang(), SECONDS)
    assert recording.peak(4, SECONDS) > 0.5 * best.peak(4, SECONDS)


def test_the_drive_stays_within_the_torque_limit(recording):
    assert np.abs(recording.drives).max() <= 1.0
    assert np.abs(recording.drives).max() > 0.9
    pendulum = Pendulum()
    assert pendulum.torque_limit == 0.10
    pendulum.step(3.0)
    assert abs(pendulum.data.actuator_force[0]) == 0.10
    assert 0.03 < pendulum.torque_limit / pendulum.static_load() < 0.035


def test_the_same_seed_has_the_same_bits(recording):
    again = swing()
    assert np.array_equal(recording.angles, again.angles)
    assert np.array_equal(recording.drives, again.drives)
    assert not np.array_equal(recording.drives, swing(seed=1).drives)


def test_the_network_is_the_one_of_the_formulas():
    native, by_formulas = ResonanceController(DT), ResonanceController(DT)
    net = by_formulas.net
    by_formulas.net = rn.reference.ResonanceNetwork.from_state(
        net.phases, net.frequencies, net.amplitudes, net.weights,
        learning_rate=0.25 * math.expm1(0.001 / 3), decay=math.exp(-0.001 / 3), amplitude_floor=0.2,
    )  # fmt: skip
    recording, expected = (simulate(Pendulum(), controller, SECONDS) for controller in (native, by_formulas))
    assert np.abs(recording.drives - expected.drives).max() < 1e-12
    assert np.abs(recording.angles - expected.angles).max() < 1e-13
    # While amplitudes rest on their floor, the drive does not depend on the scale of the weights.
    assert np.abs(native.net.weights - by_formulas.net.weights).max() < 1e-12


def test_the_payload_changes_the_natural_frequency():
    assert natural_frequency(payload=False) == pytest.approx(0.723, abs=0.002)
    assert natural_frequency(payload=True) == pytest.approx(0.534, abs=0.002)


def test_the_payload_is_hung_on_when_it_should_be():
    pendulum = Pendulum()
    simulate(pendulum, BangBang(), 0.5, payload_at=0.6)
    assert pendulum.static_load() == pytest.approx(2.943)
    simulate(pendulum, BangBang(), 0.5, payload_at=0.25)
    assert pendulum.static_load() == pytest.approx(9.3195)


@pytest.mark.parametrize("frequency", [0.4, 0.723, 2.0])
def test_the_body_phase_is_that_of_the_velocity(frequency):
    estimate = BodyPhase(DT)
    angular = 2 * math.pi * frequency
    errors = []
    for k in range(20_000):
        phase = angular * k * DT
        estimated = estimate.update(0.3 * math.sin(phase), 0.3 * angular * math.cos(phase))
        errors.append(abs((estimated - phase + math.pi) % (2 * math.pi) - math.pi))
    # The means ripple with the square of the swing, the more the slower it is.
    assert max(errors[10_000:]) < 0.12 / frequency / 2


@pytest.mark.parametrize("measured", [(math.nan, math.nan), (math.nan, 0.1), (0.1, math.nan)])
def test_a_lost_sensor_pauses_learning(measured):
    controller = ResonanceController(DT)
    follow_a_swing(controller)
    weights, phases = controller.net.weights.copy(), controller.net.phases.copy()
    assert np.abs(weights).max() > 1e-3
    drives = [controller.drive(*measured) for _ in range(100)]
    assert np.array_equal(controller.net.weights, weights)
    assert np.ptp(drives) > 1e-3
    free = slice(controller.body)
    turned = (controller.net.phases - phases)[free] % (2 * math.pi)
    assert turned == pytest.approx(2 * math.pi * controller.frequencies * 100 * DT)
    controller.drive(0.1, 0.1)
    assert not np.array_equal(controller.net.weights, weights)


@pytest.mark.parametrize("body_coupled", [False, True])
def test_coupling_acts_while_the_sensor_is_lost_and_no_longer(body_coupled):
    controller = ResonanceController(DT, loss_coupling=1.0, body_coupled=body_coupled)
    follow_a_swing(controller)
    net = controller.net
    weights, frequencies, phases = net.weights.copy(), net.frequencies.copy(), net.phases.copy()
    for _ in range(100):
        controller.drive(math.nan, math.nan)
    free = (phases + 2 * math.pi * frequencies * 100 * DT) % (2 * math.pi)
    apart = np.abs(np.exp(1j * net.phases) - np.exp(1j * free))
    assert apart[: controller.body].max() > 1e-3
    assert (apart[controller.body] > 1e-3) == body_coupled
    controller._regain()
    assert net.coupling == 0.0
    assert net.weights == pytest.approx(weights, abs=1e-15)
    assert np.array_equal(net.frequencies, frequencies)


@pytest.mark.parametrize("measured", [(math.inf, 0.0), (0.0, -math.inf)])
@pytest.mark.parametrize("controller", [ResonanceController(DT), AdaptiveHopf(DT, frequency=1.0), BangBang()])
def test_an_infinite_measurement_is_refused(controller, measured):
    with pytest.raises(ValueError, match="must be finite, or NaN where the sensor is lost, got"):
        controller.drive(*measured)


def test_the_sensor_is_lost_when_it_should_be():
    class Heard:
        def __init__(self) -> None:
            self.lost = []

        def drive(self, angle: float, velocity: float) -> float:
            self.lost.append(math.isnan(angle) and math.isnan(velocity))
            return 0.0

    heard = Heard()
    simulate(Pendulum(), heard, 0.5, sensor=Sensor(lost=(0.1, 0.3)))
    assert np.flatnonzero(heard.lost).tolist() == list(range(100, 300))


def test_the_hopf_oscillator_finds_a_frequency():
    oscillator = AdaptiveHopf(DT, frequency=1.5)
    drives, velocities = [], []
    for k in range(60_000):
        velocity = math.cos(2 * math.pi * 0.7 * k * DT)
        drives.append(oscillator.drive(0.0, velocity))
        velocities.append(velocity)
    assert np.corrcoef(drives[40_000:], velocities[40_000:])[0, 1] > 0.8


def test_a_low_pass_hears_through_noise():
    peaks = []
    for controller in (BangBang(), FilteredBangBang(DT, time_constant=0.03)):
        noisy = simulate(Pendulum(), controller, SECONDS, sensor=Sensor(noise=0.5, seed=0))
        peaks.append(noisy.peak(4, SECONDS))
    assert peaks[1] > 2 * peaks[0]


def test_the_trace_is_exact(tmp_path, monkeypatch, recording):
    from examples.control import trace

    out = tmp_path / "trace.csv"
    monkeypatch.setattr("sys.argv", ["trace", "--seconds", "0.2", "--seed", "0", "--out", str(out)])
    trace.main()
    rows = [line.split(",") for line in out.read_text().splitlines()[1:]]
    phases = [float(value) for quantity, value in rows if quantity == "phase"]
    angles = [float(value) for quantity, value in rows if quantity == "angle"]
    assert np.array_equal(phases, np.random.default_rng(0).uniform(0, 2 * math.pi, 33))
    assert np.array_equal(angles, recording.angles[:200])


def test_the_weights_measure_power():
    traced = trace_network(Schedule(SECONDS, None))
    # Only half of the five seconds count: the weights of the first ones are of a bank not yet entrained.
    assert traced.power_correlation() > 0.8
    _, frequencies = traced.swing_frequency()
    assert frequencies == pytest.approx(0.72, abs=0.02)


def test_the_command_draws_and_prints(tmp_path, monkeypatch, capsys):
    from examples.control.__main__ import main

    words = ["--quick", "--seconds", "6", "--jobs", "1", "--no-animation", "--out", str(tmp_path)]
    monkeypatch.setattr("sys.argv", ["control", *words])
    main()
    for name in ("swing.png", "ablation.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr().out
    for word in ("0.723 Hz", "| **network** |", "| bang-bang |", "| best fixed sine, ", "| 4 rad/s |"):
        assert word in printed


def test_without_a_gl_library_one_line_says_so(tmp_path, recording):
    path = tmp_path / "swing.gif"
    line = animate(recording, recording, "the same", Schedule(SECONDS, None), path, ["off", "false"])
    assert line.startswith("no animation: MuJoCo could not render with MUJOCO_GL=off or false.")
    assert "libosmesa6" in line
    assert "\n" not in line
    assert not path.exists()


def test_a_display_or_the_user_chooses_what_renders(monkeypatch):
    monkeypatch.delenv("MUJOCO_GL", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    assert graphics.backends() == ("egl", "osmesa")
    monkeypatch.setenv("DISPLAY", ":0")
    assert graphics.backends() == ("glfw",)
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    assert graphics.backends() == ("osmesa",)
    with graphics.without_rendering():
        assert graphics.backends() == ("off",)
    assert graphics.backends() == ("osmesa",)
    monkeypatch.delenv("MUJOCO_GL")
    with graphics.without_rendering():
        pass
    assert graphics.backends() == ("glfw",)


def test_without_a_package_one_line_says_what_to_install(monkeypatch):
    require()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "mujoco" else name)
    with pytest.raises(SystemExit, match=r'^this example needs mujoco: pip install "resonance-native\[control\]"$'):
        require()

"""The body: a pendulum in MuJoCo, its weak motor, and a payload that changes its natural frequency."""

from __future__ import annotations

import math
from pathlib import Path

import mujoco
import numpy as np

MODEL = Path(__file__).with_name("pendulum.xml")
START = 0.05  # angle at which it is let go [rad]
PAYLOAD_DEPTH = 0.9  # of the bob with its payload, below the hinge [m]
PAYLOAD_MASS = 1.0  # of the two together [kg]


class Pendulum:
    """A pendulum at rest at a small angle.

    Parameters
    ----------
    start
        Angle at which it is let go [rad]; 0 hangs down.
    """

    def __init__(self, start: float = START) -> None:
        self.model = mujoco.MjModel.from_xml_path(str(MODEL))
        self.data = mujoco.MjData(self.model)
        self._let_go(start)

    def _let_go(self, angle: float) -> None:
        self.data.qpos[0], self.data.qvel[0] = angle, 0.0
        mujoco.mj_forward(self.model, self.data)

    @property
    def dt(self) -> float:
        """Time step [s]."""
        return float(self.model.opt.timestep)

    @property
    def torque_limit(self) -> float:
        """Largest torque of the motor [N·m]."""
        return float(self.model.actuator_ctrlrange[0, 1])

    @property
    def angle(self) -> float:
        """Angle of the hinge [rad]."""
        return float(self.data.qpos[0])

    @property
    def velocity(self) -> float:
        """Velocity of the hinge [rad/s]."""
        return float(self.data.qvel[0])

    def static_load(self) -> float:
        """Torque that would hold the rod level [N·m]."""
        data = mujoco.MjData(self.model)
        data.qpos[0] = math.pi / 2
        mujoco.mj_forward(self.model, data)
        return abs(float(data.qfrc_bias[0]))

    def step(self, drive: float) -> None:
        """Let one time step pass with a torque of ``drive`` times the motor's limit; beyond ±1 the motor clips."""
        self.data.ctrl[0] = drive * self.torque_limit
        mujoco.mj_step(self.model, self.data)

    def hang_payload(self) -> None:
        """Stop it, hang the payload on, and let it go at the small angle again."""
        bob = mujoco.mj_name2id(self.model, mujoco.mjtObj.mjOBJ_BODY, "bob")
        self.model.body_pos[bob, 2] = -PAYLOAD_DEPTH
        self.model.body_inertia[bob] *= PAYLOAD_MASS / self.model.body_mass[bob]
        self.model.body_mass[bob] = PAYLOAD_MASS
        mujoco.mj_setConst(self.model, self.data)
        self._let_go(START)


def natural_frequency(payload: bool, seconds: float = 8.0) -> float:
    """Frequency of small swings without a drive [Hz], from the times at which it passes the bottom."""
    pendulum = Pendulum()
    if payload:
        pendulum.hang_payload()
    angles = np.empty(round(seconds / pendulum.dt))
    for k in range(len(angles)):
        pendulum.step(0.0)
        angles[k] = pendulum.angle
    before = np.flatnonzero((angles[:-1] < 0) & (angles[1:] >= 0))
    crossings = (before + angles[before] / (angles[before] - angles[before + 1])) * pendulum.dt
    return float(1 / np.diff(crossings).mean())

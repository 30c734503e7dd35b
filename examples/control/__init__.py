"""A body that learns to swing: a network drives a MuJoCo pendulum at 1 kHz. ``python -m examples.control``."""

"""Examples that run: the published claims and the theory measured, and a pendulum that learns to swing."""

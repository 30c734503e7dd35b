"""A page with sliders for coupling, phase lag and gain. ``python -m examples.interactive PATH``."""

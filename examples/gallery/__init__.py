"""Pictures by ``resonance_native.plot``, with what they show measured: ``python -m examples.gallery``."""

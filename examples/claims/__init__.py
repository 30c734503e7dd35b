"""The published claims, measured on real data beside standard baselines: ``python -m examples.claims``."""

"""What a step costs where ranks share a network: measured, as a model of few constants, and what that predicts.

``python -m bench.ranks`` measures on this machine and writes the numbers in docs/scaling.md.
"""

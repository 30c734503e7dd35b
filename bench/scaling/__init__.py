"""Time of a step from a hundred nodes to a million, for every way of keeping the weights.

``python -m bench.scaling`` draws the picture in docs/benchmarks.md.
"""

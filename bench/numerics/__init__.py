"""How far what is computed lies from what is exact, to 50 digits.

``python -m bench.numerics`` measures all of it, draws the figure of docs/numerics.md and fills its tables.
"""

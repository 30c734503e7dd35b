"""What each kernel may err at most, on every instruction set: tests/test_ulp.py holds them to it."""

from __future__ import annotations

from dataclasses import dataclass

ULP = "ulp"


@dataclass(frozen=True)
class Budget:
    """The largest error that a kernel may make, and what it is counted in."""

    kernel: str
    unit: str
    float64: float
    float32: float | None  # None: is of float64 alone
    bound: tuple[str, ...] = ()  # what is proved, in the same unit: in float64, and in float32

    def of(self, dtype: str) -> float | None:
        """The budget of a dtype."""
        return self.float64 if dtype == "float64" else self.float32


BUDGETS = {
    budget.kernel: budget
    for budget in (
        Budget("cos", ULP, 1.7, 0.501),
        Budget("sin", ULP, 1.7, 0.501),
        Budget("tanh", ULP, 2.7, 0.501),
        Budget("ln of the noise", ULP, 0.9, None),
        Budget("2^x of attention", ULP, 1.2, 1.2),
        Budget("phase noise", "ε·radius", 4.0, None),
        Budget("phase advance", "ε·max(|φ| + |2πf dt| + |x dt|, 2π)", 2.4, None, ("2.4",)),
        Budget("coherence", "ε", 1.7, 1.2, ("3.4", "1.8")),
        Budget("weight update", "ε·decay (|W| + |η a a|)", 3.0, 3.0, ("10", "10")),
        Budget("row sums, n = 64", "u·Σ|terms|", 8, 8, ("74", "74")),
        Budget("row sums, n = 1024", "u·Σ|terms|", 20, 20, ("1,034", "1,034")),
        Budget("row sums, n = 4096", "u·Σ|terms|", 20, 20, ("4,106", "4,106")),
        Budget("coupling sums", "u·Σ|terms|", 2, 2, ("1,034", "1,034")),
        Budget("order parameter", "ε", 1.0, None),
        Budget("attention, scale 1/√d", "ε·max|v|", 1.0, 1.0),
        Budget("attention, scale 1", "ε·max|v|", 10.0, 10.0),
    )
}
# What is the C library's own: measured, and no promise of this library.
FOREIGN = ("cos, |x| > 100", "sin, |x| > 100")

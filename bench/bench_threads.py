"""From which size on a second thread pays: what the threshold in cpp/src/parallel.hpp rests on."""

from __future__ import annotations

import resonance_native as rn
from resonance_native.bench.interleaved import take_turns

SIZES = (64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048)


def main() -> None:
    """Print, for each size and dtype, how many times as fast two threads are as one in a run."""
    print(f"{'n':>6}  {'float64':<24}{'float32':<24}")
    for n in SIZES:
        cells = []
        for dtype in ("float64", "float32"):
            steps = max(20, 20_000_000 // n**2)
            one, two = (rn.ResonanceNetwork(n, gain=8 / n, seed=0, dtype=dtype, threads=count) for count in (1, 2))
            one.pin(0)
            two.pin(0)
            contestants = {
                "one": lambda net=one, count=steps: net.run(0.0, count),
                "two": lambda net=two, count=steps: net.run(0.0, count),
            }
            cells.append(str(take_turns(contestants, turns=15).ratio("one", "two")))
        print(f"{n:>6}  {cells[0]:<24}{cells[1]:<24}")


if __name__ == "__main__":
    main()

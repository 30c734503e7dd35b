"""What was measured as tables: ranks beside one process, the model beside both, and what it says of more ranks."""

from __future__ import annotations

from typing import Any

from resonance_native.bench.table import duration

from .kinds import KINDS
from .model import Link, fitted, seconds

FITTED_UP_TO = 4  # ranks
LABEL, CELL = 38, 7  # characters

# What the model is asked for: a network that no machine holds, on networks of computers that are in use.
N, DTYPE, RANKS = 200_000, "float32", (16, 64, 256, 1024)
NETWORKS = {"InfiniBand, 100 Gbit/s, 1.5 µs": (1.5e-6, 1 / 12e9), "Ethernet, 25 Gbit/s, 20 µs": (20e-6, 1 / 3e9)}

Measured = list[dict[str, Any]]


def report(found: Measured) -> None:
    """Print all tables."""
    laps = fastest(found)
    show_ratios(laps)
    link = Link.fitted(exchanges(found))
    rate = f"{1e-9 / link.byte:.1f} GB/s" if link.byte > 0 else "bytes that cost nothing"
    print(f"\nan exchange: {link.call * 1e6:.1f} µs, {link.message * 1e6:.2f} µs for each message, {rate}")
    constants = {}
    ranks = sorted({lap["ranks"] for lap in laps if lap["together"]})
    print(f"\nmodel against measured time of a step, in %; fitted to up to {FITTED_UP_TO} ranks")
    print(f"{'':{LABEL}}{'n':>9}  " + "".join(f"{count:>{CELL}}" for count in ranks))
    for kind in KINDS:
        for dtype in ("float64", "float32"):
            own = [lap for lap in laps if lap["together"] and lap["kind"] == kind.name and lap["dtype"] == dtype]
            fit = fitted(kind.name, dtype, [lap for lap in own if lap["ranks"] <= FITTED_UP_TO], link)
            constants[kind.name, dtype] = fit
            for n in sorted({lap["n"] for lap in own}):
                row = ""
                for count in ranks:
                    lap = next(lap for lap in own if lap["n"] == n and lap["ranks"] == count)
                    expected = seconds(kind.name, n, count, dtype, link, fit, rank=lap["rank"])
                    row += f"{100 * (expected / lap['seconds'] - 1):>{CELL}.0f}"
                print(f"{kind.label + ', ' + dtype:{LABEL}}{n:>9,}  {row}")
    print(f"\nsimulation: n = {N:,} in {DTYPE}, ranks of one thread, each on a machine of its own")
    print(f"{'':{LABEL}}{'':32}" + "".join(f"{count:>10,}" for count in RANKS))
    for kind in KINDS[1:3]:
        for name, (message, byte) in NETWORKS.items():
            other, fit = Link(link.call, message, byte), constants[kind.name, DTYPE]
            row = "".join(
                f"{duration(seconds(kind.name, N, count, DTYPE, other, fit, apart=True)):>10}" for count in RANKS
            )
            print(f"{kind.label:{LABEL}}{name:32}{row}")


def fastest(found: Measured) -> Measured:
    """Of each lap's medians, that of the fastest turn: others were slowed down by who else was on the machine."""
    best: dict[Any, dict[str, Any]] = {}
    for each in found:
        count = each["ranks"] if each["together"] else each["threads"]
        for lap in each["laps"]:
            key = each["together"], count, lap["kind"], lap["n"], lap["dtype"]
            if key not in best or lap["seconds"] < best[key]["seconds"]:
                best[key] = {"together": each["together"], "ranks": count, **lap}
    return list(best.values())


def exchanges(found: Measured) -> dict[int, dict[str, float]]:
    """Seconds of exchanges, by numbers of ranks that the model is fitted to."""
    best: dict[int, dict[str, float]] = {}
    for each in found:
        if each["together"] and 1 < each["ranks"] <= FITTED_UP_TO:
            known = best.setdefault(each["ranks"], {})
            for what, time in each["exchanges"].items():
                known[what] = min(known.get(what, time), time)
    return best


def show_ratios(laps: Measured) -> None:
    """Ranks of one thread beside one process of as many threads."""
    print(f"{'':{LABEL}}{'n':>9}{'ranks':>7}{'a step':>12}{'one process':>13}{'ratio':>7}{'exchanges':>11}")
    alone = {(lap["ranks"], lap["kind"], lap["n"], lap["dtype"]): lap["seconds"] for lap in laps if not lap["together"]}
    labels = {kind.name: kind.label for kind in KINDS}
    for lap in laps:
        of_one = alone.get((lap["ranks"], lap["kind"], lap["n"], lap["dtype"]))
        if not lap["together"] or of_one is None:
            continue
        what = f"{labels[lap['kind']] + ', ' + lap['dtype']:{LABEL}}{lap['n']:>9,}{lap['ranks']:>7}"
        times = f"{duration(lap['seconds']):>12}{duration(of_one):>13}{lap['seconds'] / of_one:>7.2f}"
        print(f"{what}{times}{100 * lap['exchange_share']:>10.1f}%")

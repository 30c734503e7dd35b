"""Figures of attention: beside NumPy's three lines, PyTorch, and what the machine's multiply-adds allow."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import resonance_native as rn
from resonance_native import _core, baselines
from resonance_native.bench.interleaved import Contestant, take_turns

from .figure import Figure, at_least, show

HEADS, COLUMNS = 8, 64
ROUNDS = 2_000_000  # of multiply-adds, for the peak

NAMES = {
    "NumPy": "NumPy, three lines",
    "NumPy in place": "NumPy in place",
    "torch SDPA": "torch SDPA on 2d columns and values padded to as many, ready made",
    "torch plain": "torch SDPA, values not padded",
    "torch identity": "resonance_native.torch through SDPA, columns made in the call",
    "torch eager": "torch eager, three lines",
    "torch flex": "torch FlexAttention, compiled",
}


def measure_attention(length: int, dtype: str, turns: int, threads: int) -> list[Figure]:
    """Batch 1, no mask, scale 1/√d."""
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((1, HEADS, length, COLUMNS)).astype(dtype) for _ in range(3)]
    arrays += [rng.uniform(0, 2 * np.pi, (1, HEADS, length)).astype(dtype) for _ in range(2)]
    scale = COLUMNS**-0.5
    out = np.empty_like(arrays[0])
    operations: list[float] = []

    def peak() -> None:
        operations.append(_core.multiply_add(ROUNDS, dtype == "float32", threads))

    rn.set_num_threads(threads)
    expected = rn.phase_attention(*arrays, scale=scale)
    others: dict[str, Callable[[], Any]] = {
        "NumPy": lambda: baselines.phase_attention(*arrays, scale=scale),
        "NumPy in place": lambda: baselines.phase_attention_in_place(*arrays, scale=scale),
        **_torch_calls(arrays, scale, threads),
    }
    for name, call in others.items():
        error = np.abs(np.asarray(call()) - expected).max()
        if not error < (1e-4 if dtype == "float32" else 1e-12):
            raise AssertionError(f"{name} is {error} away from the native result")
    few = max(3, turns // 2)
    contestants: Mapping[str, Any] = {
        "native": lambda: rn.phase_attention(*arrays, scale=scale, out=out),
        "peak": peak,
        **{name: Contestant(call, turns=few if name != "torch SDPA" else None) for name, call in others.items()},
    }
    laps = take_turns(contestants, turns, rest=0.1)
    rn.set_num_threads(None)
    title = f"attention, L = {length}, {dtype}, {threads} threads"
    print(f"{title}: milliseconds")
    show(laps, 1e3)

    useful = 4 * HEADS * length**2 * COLUMNS
    share = laps.ratio("peak", "native")
    factor = useful / operations[-1]
    figures = [
        Figure(
            f"{title}: share of the peak of multiply-adds",
            "≥ 60 %",
            f"{share.median * factor:.0%} ({share.low * factor:.0%} to {share.high * factor:.0%})",
            share.median * factor >= 0.6,
        )
    ]
    asked = {"NumPy": 8.0, "torch SDPA": 1.2 if dtype == "float32" else 1.0}
    for name in others:
        ratio = laps.ratio(name, "native")
        figures.append(at_least(f"{title}: {NAMES[name]} ÷ native", asked.get(name, 1.0), ratio))
    return figures


def _torch_calls(arrays: list[Any], scale: float, threads: int) -> dict[str, Callable[[], Any]]:
    """PyTorch's ways, where it is installed; without what it can't do here."""
    try:
        import torch
        from torch.nn.attention.flex_attention import flex_attention
        from torch.nn.functional import pad, scaled_dot_product_attention

        from resonance_native.torch.identity import identity_attention
    except ImportError:
        print("   PyTorch 2.5 or later is not installed")
        return {}
    torch.set_num_threads(threads)
    q, k, v, phase_q, phase_k = (torch.from_numpy(array) for array in arrays)

    def double(x: Any, phase: Any) -> Any:
        return torch.cat([x * torch.cos(phase)[..., None], x * torch.sin(phase)[..., None]], -1)

    double_q, double_k = double(q, phase_q), double(k, phase_k)
    padded_v = pad(v, (0, COLUMNS))  # PyTorch's fused kernel wants values as wide as keys

    def eager() -> Any:
        scores = (q @ k.transpose(-1, -2)).mul_(torch.cos(phase_q[..., :, None] - phase_k[..., None, :])).mul_(scale)
        return torch.softmax(scores, -1) @ v

    def coherent(score: Any, batch: Any, head: Any, i: Any, j: Any) -> Any:
        return score * torch.cos(phase_q[batch, head, i] - phase_k[batch, head, j])

    calls: dict[str, Callable[[], Any]] = {
        "torch SDPA": lambda: scaled_dot_product_attention(double_q, double_k, padded_v, scale=scale)[..., :COLUMNS],
        "torch plain": lambda: scaled_dot_product_attention(double_q, double_k, v, scale=scale),
        "torch identity": lambda: identity_attention(q, k, v, phase_q, phase_k, scale, False, None, 0.0, (1, HEADS)),
        "torch eager": eager,
    }
    torch.compiler.reset()
    compiled = torch.compile(flex_attention)
    try:
        compiled(q, k, v, score_mod=coherent, scale=scale)
    except Exception as error:  # whatever it lacks here: the others go on
        print(f"   FlexAttention: {type(error).__name__}: {' '.join(str(error).split())[:120]}")
    else:
        calls["torch flex"] = lambda: compiled(q, k, v, score_mod=coherent, scale=scale)

    def without_gradient(call: Callable[[], Any]) -> Callable[[], Any]:
        def inside() -> Any:
            with torch.no_grad():
                return call()

        return inside

    return {name: without_gradient(call) for name, call in calls.items()}


SCRIPT = """
import re, sys
from pathlib import Path
import numpy as np
import resonance_native as rn
length, heads, dtype, threads = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
rng = np.random.default_rng(0)
q, k, v = (rng.standard_normal((heads, length, 64)).astype(dtype) for _ in range(3))
phase_q, phase_k = rng.uniform(0, 6, (2, heads, length))
out = np.zeros_like(q)
rn.set_num_threads(threads)
small = slice(0, 600)  # code and threads are there before
rn.phase_attention(q[:, small], k[:, small], v[:, small], phase_q[:, small], phase_k[:, small])
peak = lambda: 1024 * int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
Path("/proc/self/clear_refs").write_text("5")
before = peak()
rn.phase_attention(q, k, v, phase_q, phase_k, out=out)
print((peak() - before) / 2**20)
"""


def measure_attention_memory(length: int, threads: int) -> list[Figure]:
    """What a call takes above its arrays."""
    figures = []
    for dtype in ("float32", "float64"):
        command = [sys.executable, "-c", SCRIPT, str(length), str(HEADS), dtype, str(threads)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        mebibytes = float(done.stdout) / threads
        name = f"attention, L = {length}, {dtype}: peak memory above inputs and output"
        figures.append(Figure(name, "≤ 8 MiB a thread", f"{mebibytes:.2f} MiB a thread", mebibytes <= 8))
    return figures

"""Checks of arguments: they look at shapes, dtypes and devices only, so they may stand in compiled code."""

from __future__ import annotations

import math
from numbers import Real

import torch
from torch import Tensor
from torch.amp import is_autocast_available

_REAL_DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
_PHASE_DTYPES = (torch.float32, torch.float64)


def checked_operands(
    q: Tensor, k: Tensor, v: Tensor, phase_q: Tensor, phase_k: Tensor, causal: bool, key_mask: Tensor | None
) -> tuple[int, ...]:
    """The shape to which leading axes broadcast, or an error that names the argument at fault."""
    operands = {"q": (q, 2), "k": (k, 2), "v": (v, 2), "phase_q": (phase_q, 1), "phase_k": (phase_k, 1)}
    if key_mask is not None:
        operands["key_mask"] = (key_mask, 1)
    for name, (operand, own_axes) in operands.items():
        _require_tensor(name, operand, own_axes, q)
    if not isinstance(causal, bool):
        raise TypeError(f"causal must be True or False, got {causal!r}")
    _require_dtypes(q, k, v, phase_q, phase_k, key_mask)
    _require_size("k", k, -1, q.shape[-1], "columns as q")
    _require_size("v", v, -2, k.shape[-2], "rows as k")
    _require_size("phase_q", phase_q, -1, q.shape[-2], "phases as q has rows")
    _require_size("phase_k", phase_k, -1, k.shape[-2], "phases as k has rows")
    if key_mask is not None:
        _require_size("key_mask", key_mask, -1, k.shape[-2], "entries as k has rows")
    leading = _broadcast([tuple(each.shape[: each.dim() - own_axes]) for each, own_axes in operands.values()])
    if leading is None:
        shapes = ", ".join(f"{name} has shape {tuple(operand.shape)}" for name, (operand, _) in operands.items())
        raise ValueError(f"leading axes must broadcast, got: {shapes}")
    return leading


def checked_scale(scale: float) -> float:
    """``scale`` as a finite float, or an error."""
    if isinstance(scale, bool) or not isinstance(scale, Real):
        raise TypeError(f"scale must be a number or None, got {scale!r}")
    if not -math.inf < scale < math.inf:  # math.isfinite does not compile
        raise ValueError(f"scale must be finite, got {scale!r}")
    return float(scale)


def checked_probability(name: str, value: float) -> float:
    """``value`` as a float in [0, 1], or an error that names it."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must be in [0, 1], got {value!r}")
    return float(value)


def _require_tensor(name: str, operand: Tensor, own_axes: int, q: Tensor) -> None:
    if not isinstance(operand, Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, got {type(operand).__name__}")
    if operand.dim() < own_axes:
        raise ValueError(f"{name} must have at least {own_axes} axes, got shape {tuple(operand.shape)}")
    if operand.device != q.device:
        raise ValueError(f"{name} must be on the device of q, {q.device}, got {operand.device}")


def _require_dtypes(q: Tensor, k: Tensor, v: Tensor, phase_q: Tensor, phase_k: Tensor, key_mask: Tensor | None) -> None:
    if q.dtype not in _REAL_DTYPES:
        raise TypeError(f"q must be float16, bfloat16, float32 or float64, got {q.dtype}")
    for name, operand in (("k", k), ("v", v)):
        if operand.dtype != q.dtype and not _is_cast(operand):
            raise TypeError(f"{name} must have the dtype of q, {q.dtype}, got {operand.dtype}")
    for name, phases in (("phase_q", phase_q), ("phase_k", phase_k)):
        if phases.dtype not in (q.dtype, *_PHASE_DTYPES) and not _is_cast(phases):
            raise TypeError(f"{name} must be float32, float64 or of the dtype of q, {q.dtype}, got {phases.dtype}")
    if key_mask is not None and key_mask.dtype != torch.bool:
        raise TypeError(f"key_mask must be bool, True for visible keys, got {key_mask.dtype}")


def _is_cast(operand: Tensor) -> bool:
    """Whether autocast makes dtypes agree."""
    device = operand.device.type
    return operand.dtype in _REAL_DTYPES and is_autocast_available(device) and torch.is_autocast_enabled(device)


def _require_size(name: str, operand: Tensor, axis: int, size: int, what: str) -> None:
    if operand.shape[axis] != size:
        raise ValueError(f"{name} must have as many {what}, {size}, got shape {tuple(operand.shape)}")


def _broadcast(shapes: list[tuple[int, ...]]) -> tuple[int, ...] | None:
    """The shape to which all broadcast by NumPy's rules, or None."""
    # torch.broadcast_shapes takes 10 µs, a quarter of a small call.
    common = [1] * max(map(len, shapes))
    for shape in shapes:
        for axis in range(-len(shape), 0):
            if shape[axis] == 1 or shape[axis] == common[axis]:
                continue
            if common[axis] != 1:
                return None
            common[axis] = shape[axis]
    return tuple(common)

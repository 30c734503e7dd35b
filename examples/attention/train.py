"""Training of one model, and what is seen meanwhile."""

from __future__ import annotations

import math
import statistics
import time
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from .data import VOCABULARY, load, windows
from .generate import continued
from .model import Arm, Reader, Size, build, count_parameters
from .phases import PhaseReport, look_at_phases

BATCH, VALIDATION_WINDOWS, WARM_UP = 16, 320, 100
PROMPT, SAMPLE = "\n\nclass ", 400


@dataclass(frozen=True)
class Plan:
    """How all arms are trained."""

    size: Size
    steps: int
    learning_rate: float
    report_every: int = 100


@dataclass(frozen=True)
class Run:
    """One model: validation loss [bits a character] by step, median seconds a step, its phases if any, and a sample."""

    arm: Arm
    seed: int
    parameters: int
    steps: list[int]
    losses: list[float]
    seconds: float
    native_error: float | None
    phases: PhaseReport | None
    sample: str

    def to_json(self) -> dict[str, Any]:
        """Plain numbers and lists."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Run:
        """From what :meth:`to_json` gave."""
        phases = values["phases"]
        return cls(**{**values, "phases": None if phases is None else PhaseReport(**phases)})


def train(plan: Plan, arm: Arm, seed: int) -> Run:
    """Train a model of ``arm`` on one thread: the same batches and the same schedule for every arm of a seed."""
    torch.set_num_threads(1)
    text, size = load(), plan.size
    model = build(size, arm, len(VOCABULARY), seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=plan.learning_rate, betas=(0.9, 0.95), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _share(step, plan.steps))
    batches = torch.Generator().manual_seed(seed)
    held_out = windows(text.validation, VALIDATION_WINDOWS, size.context, torch.Generator().manual_seed(0))
    steps, losses, seconds = [0], [validation_loss(model, held_out)], list[float]()
    for step in range(1, plan.steps + 1):
        began = time.perf_counter()
        codes, following = windows(text.training, BATCH, size.context, batches)
        loss = cross_entropy(model(codes).flatten(0, 1), following.flatten())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        seconds.append(time.perf_counter() - began)
        if step % plan.report_every == 0 or step == plan.steps:
            steps.append(step)
            losses.append(validation_loss(model, held_out))
    codes = held_out[0][:BATCH]
    phases = None if arm == "none" else look_at_phases(model, codes)
    error = None if arm == "none" else native_error(model, codes)
    sample = continued(model, PROMPT, SAMPLE, torch.Generator().manual_seed(0))
    median = statistics.median(seconds)
    return Run(arm, seed, count_parameters(model), steps, losses, median, error, phases, sample)


def _share(step: int, steps: int) -> float:
    """Of the learning rate: a rise, then half a cosine down to a tenth."""
    rise = min(1.0, (step + 1) / min(WARM_UP, max(1, steps // 10)))
    return rise * (0.55 + 0.45 * math.cos(math.pi * min(1.0, step / steps)))


@torch.no_grad()
def validation_loss(model: Reader, held_out: tuple[Tensor, Tensor]) -> float:
    """Mean over all characters [bits]. Without gradients, phase attention runs on the native kernel."""
    model.eval()
    total = 0.0
    for codes, following in zip(*(part.split(BATCH) for part in held_out), strict=True):
        total += float(cross_entropy(model(codes).flatten(0, 1), following.flatten(), reduction="sum"))
    model.train()
    return total / held_out[0].numel() / math.log(2)


def native_error(model: Reader, codes: Tensor) -> float:
    """Largest difference of logits without gradients, from the native kernel, and with, from PyTorch's."""
    model.eval()
    with_gradients = model(codes).detach()
    with torch.no_grad():
        return float((model(codes) - with_gradients).abs().max())

"""resonance_native.torch.PhaseAttention."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from resonance_native.torch import PhaseAttention  # noqa: E402
from resonance_native.torch import functional as paths  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")

KINDS: dict[str, dict[str, Any]] = {"input": {}, "position": {"phases": "position", "max_length": 11}}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


def made(kind: str, embed_dim: int = 12, num_heads: int = 3, **keywords: Any) -> Any:
    """A layer in float64, with phases all over the circle."""
    torch.manual_seed(1)
    layer = PhaseAttention(embed_dim, num_heads, dtype=torch.float64, **KINDS[kind], **keywords)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
        for parameter in layer.phases.parameters():
            parameter.mul_(3)
    return layer


def inputs(*shape: int, seed: int = 0) -> Any:
    return torch.tensor(np.random.default_rng(seed).normal(0, 1, shape))


def linear(projection: Any, x: np.ndarray) -> np.ndarray:
    out = x @ projection.weight.detach().numpy().T
    return np.asarray(out if projection.bias is None else out + projection.bias.detach().numpy())


def attended(layer: Any, query: Any, key: Any, value: Any, key_mask: Any = None, causal: bool = False) -> np.ndarray:
    """What the layer computes for one sequence, head by head, in plain NumPy."""
    query, key, value = query.numpy(), key.numpy(), value.numpy()
    n_queries, n_keys, d = len(query), len(key), layer.embed_dim // layer.num_heads
    q, k, v = linear(layer.q_proj, query), linear(layer.k_proj, key), linear(layer.v_proj, value)
    if hasattr(layer.phases, "q_proj"):
        phase_q, phase_k = linear(layer.phases.q_proj, query), linear(layer.phases.k_proj, key)
    else:
        first = n_keys - n_queries if causal else 0
        positions = np.clip(np.arange(first, first + n_queries), 0, None)
        phase_q, phase_k = layer.phases.q.detach().numpy().T[positions], layer.phases.k.detach().numpy().T[:n_keys]
    visible = np.tri(n_queries, n_keys, n_keys - n_queries if causal else n_keys, dtype=bool)
    if key_mask is not None:
        visible = visible & key_mask.numpy()
    heads = []
    for head in range(layer.num_heads):
        columns = slice(head * d, (head + 1) * d)
        scores = q[:, columns] @ k[:, columns].T * np.cos(phase_q[:, None, head] - phase_k[None, :, head])
        weights = np.exp(scores * (d**-0.5 if layer.scale is None else layer.scale)) * visible
        heads.append(weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-300) @ v[:, columns])
    return linear(layer.out_proj, np.concatenate(heads, axis=1))


def assert_attends(got: Any, wanted: np.ndarray, tolerance: float = 1e-12) -> None:
    assert got.shape == wanted.shape
    assert np.abs(got.detach().double().numpy() - wanted).max() <= tolerance


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("lengths", [(7, 7), (4, 9), (9, 4), (1, 11)])
@pytest.mark.parametrize("keywords", [{}, {"bias": False, "scale": 0.9}])
def test_layer(kind: str, keywords: dict[str, Any], lengths: tuple[int, int], causal: bool) -> None:
    layer = made(kind, **keywords)
    n_queries, n_keys = lengths
    query, key, value = inputs(2, n_queries, 12), inputs(2, n_keys, 12, seed=1), inputs(2, n_keys, 12, seed=2)
    key_mask = torch.arange(n_keys) % 3 != torch.tensor([[0], [1]])
    out = layer(query, key, value, key_mask=key_mask, causal=causal)
    with torch.no_grad():
        native = layer(query, key, value, key_mask=key_mask, causal=causal)
    for row in range(2):
        wanted = attended(layer, query[row], key[row], value[row], key_mask[row], causal)
        assert_attends(out[row], wanted)
        assert_attends(native[row], wanted)
        unbatched = layer(query[row], key[row], value[row], key_mask=key_mask[row], causal=causal)
        assert_attends(unbatched, wanted)


def test_what_is_not_given(kind: str) -> None:
    layer = made(kind)
    query, key, value = inputs(5, 12), inputs(8, 12, seed=1), inputs(8, 12, seed=2)
    assert_attends(layer(query), attended(layer, query, query, query))
    assert_attends(layer(query, key), attended(layer, query, key, key))
    assert_attends(layer(query, key, value), attended(layer, query, key, value))
    assert_attends(layer(key, value=value), attended(layer, key, key, value))


def test_one_mask_for_a_batch(kind: str) -> None:
    layer, x, key_mask = made(kind), inputs(3, 6, 12), torch.arange(6) > 2
    assert torch.equal(layer(x, key_mask=key_mask), layer(x, key_mask=key_mask.expand(3, 6)))
    assert not torch.equal(layer(x, key_mask=key_mask), layer(x))


def test_one_key_for_a_batch(kind: str) -> None:
    layer, x, key = made(kind), inputs(3, 6, 12), inputs(4, 12)
    assert_attends(layer(x, key)[1], attended(layer, x[1], key, key))


@pytest.mark.parametrize(("grad", "path"), [(True, "identity"), (False, "native")])
def test_paths(kind: str, grad: bool, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The native one needs no gradient; training mode alone asks for none."""

    def refuse(*_: Any) -> Any:
        raise AssertionError("the other path was to be taken")

    layer, x = made(kind), inputs(2, 6, 12)
    wanted = attended(layer, x[0], x[0], x[0], causal=True)
    monkeypatch.setattr(paths, "identity_attention" if path == "native" else "native_attention", refuse)
    with torch.set_grad_enabled(grad):
        assert_attends(layer(x, causal=True)[0], wanted)
        assert_attends(layer.eval()(x, causal=True)[0], wanted)
    if path == "native":
        with torch.inference_mode():
            assert_attends(layer(x, causal=True)[0], wanted)


def test_decoding_one_by_one(kind: str) -> None:
    """The last queries of a sequence get the same whether the others are asked for or not."""
    layer, x = made(kind), inputs(2, 11, 12)
    whole = layer(x, causal=True).detach().numpy()
    for length in range(1, 12):
        last = layer(x[:, length - 1 : length], x[:, :length], causal=True)
        assert_attends(last[:, 0], whole[:, length - 1])
    assert_attends(layer(x[:, 6:], x, causal=True), whole[:, 6:])


def ordinary(layer: Any) -> Any:
    """torch's own attention with the same projections."""
    attention = nn.MultiheadAttention(layer.embed_dim, layer.num_heads, batch_first=True, dtype=torch.float64)
    projections = (layer.q_proj, layer.k_proj, layer.v_proj)
    with torch.no_grad():
        attention.in_proj_weight.copy_(torch.cat([projection.weight for projection in projections]))
        attention.in_proj_bias.copy_(torch.cat([projection.bias for projection in projections]))
        attention.out_proj.load_state_dict(layer.out_proj.state_dict())
    return attention


def test_begins_near_ordinary_attention(kind: str) -> None:
    torch.manual_seed(0)
    layer = PhaseAttention(64, 8, dtype=torch.float64, **KINDS[kind])
    x = inputs(16, 11, 64)
    mask = (torch.arange(11) > 7).expand(16, 11)
    wanted, _ = ordinary(layer)(x, x, x, key_padding_mask=mask, need_weights=False)
    phase_q, phase_k = layer.phases(x, x, False)
    cosines = torch.cos(phase_q.unsqueeze(-1) - phase_k.unsqueeze(-2))
    assert 0.985 < cosines.mean() < 0.995
    difference = (layer(x, key_mask=~mask) - wanted).square().mean().sqrt()
    assert 1e-5 < difference / wanted.square().mean().sqrt() < 0.02
    with torch.no_grad():
        for parameter in layer.phases.parameters():
            parameter.fill_(0.0)
    assert (layer(x, key_mask=~mask) - wanted).abs().max() < 1e-13


def test_projections_begin_as_those_of_torch(kind: str) -> None:
    torch.manual_seed(0)
    layer, peer = PhaseAttention(96, 8, **KINDS[kind]), nn.MultiheadAttention(96, 8, batch_first=True)
    layer.requires_grad_(False)
    peer.requires_grad_(False)
    largest = peer.in_proj_weight.abs().max()
    for projection in (layer.q_proj, layer.k_proj, layer.v_proj):
        assert math.isclose(projection.weight.abs().max(), largest, rel_tol=0.01)
        assert math.isclose(projection.weight.std(), peer.in_proj_weight.std(), rel_tol=0.03)
        assert (projection.bias == 0).all()
    assert math.isclose(layer.out_proj.weight.std(), peer.out_proj.weight.std(), rel_tol=0.03)
    assert (layer.out_proj.bias == 0).all()


def test_every_parameter_begins_with_a_gradient(kind: str) -> None:
    torch.manual_seed(0)
    layer = PhaseAttention(12, 3, dtype=torch.float64, **KINDS[kind])
    layer(inputs(4, 11, 12), causal=True).square().sum().backward()
    for name, parameter in layer.named_parameters():
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 1e-6, name


def test_phases_learn_what_content_does_not_tell() -> None:
    """Queries and keys are all alike, so scores differ by position alone: here, whether it is odd."""
    torch.manual_seed(0)
    layer = PhaseAttention(8, 2, phases="position", max_length=10, scale=1.0)
    with torch.no_grad():
        for projection in (layer.q_proj, layer.k_proj):
            projection.weight.zero_()
            projection.bias.fill_(1.0)
    for projection in (layer.q_proj, layer.k_proj):
        projection.requires_grad_(False)
    torch.manual_seed(1)
    value = torch.randn(16, 10, 8)
    odd = torch.arange(10) % 2 == 1
    target = torch.where(odd.unsqueeze(-1), value[:, odd].mean(1, keepdim=True), value[:, ~odd].mean(1, keepdim=True))
    optimizer = torch.optim.Adam((p for p in layer.parameters() if p.requires_grad), lr=0.05)
    losses = []
    for _ in range(80):
        loss = (layer(value) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    without = (value.mean(1, keepdim=True) - target).square().mean()  # the best that equal scores can do
    assert losses[0] > without
    assert losses[-1] < 0.1 * without


def test_dropout_in_training_only(kind: str) -> None:
    layer, x = made(kind, dropout=0.5), inputs(2, 6, 12)
    wanted = attended(layer, x[0], x[0], x[0])
    assert np.abs(layer(x)[0].detach().numpy() - wanted).max() > 0.01
    with torch.no_grad():
        assert np.abs(layer(x)[0].numpy() - wanted).max() > 0.01
    assert_attends(layer.eval()(x)[0], wanted)


def test_nothing_to_see(kind: str) -> None:
    layer = made(kind)
    key_mask = torch.tensor([[True] * 6, [False] * 6])
    out = layer(inputs(2, 6, 12), key_mask=key_mask)
    assert torch.equal(out[1], layer.out_proj.bias.expand(6, 12))
    out.sum().backward()
    assert all(parameter.grad.isfinite().all() for parameter in layer.parameters())


def test_in_a_sequence(kind: str) -> None:
    layer, x = made(kind), inputs(2, 6, 12)
    stack = nn.Sequential(nn.LayerNorm(12, dtype=torch.float64), layer, nn.Linear(12, 2, dtype=torch.float64))
    assert torch.equal(stack(x), stack[2](layer(stack[0](x))))


def test_state(kind: str, tmp_path: Any) -> None:
    layer, x = made(kind), inputs(2, 6, 12)
    torch.save(layer.state_dict(), tmp_path / "layer.pt")
    torch.manual_seed(5)
    other = PhaseAttention(12, 3, dtype=torch.float64, **KINDS[kind])
    assert not torch.equal(other(x), layer(x))
    other.load_state_dict(torch.load(tmp_path / "layer.pt", weights_only=True))
    assert torch.equal(other(x), layer(x))
    assert torch.equal(copy.deepcopy(layer)(x), layer(x))
    phases = {"input": {"q_proj.weight", "q_proj.bias", "k_proj.weight", "k_proj.bias"}, "position": {"q", "k"}}[kind]
    assert {name.removeprefix("phases.") for name in layer.state_dict() if name.startswith("phases.")} == phases


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("bfloat16", 0.3), ("float16", 0.03)])
def test_other_dtypes(kind: str, dtype: str, tolerance: float) -> None:
    layer, x = made(kind), inputs(2, 6, 12)
    wanted = layer(x, causal=True).detach().numpy()
    layer = layer.to(getattr(torch, dtype))
    for grad in (True, False):
        with torch.set_grad_enabled(grad):
            out = layer(x.to(getattr(torch, dtype)), causal=True)
        assert out.dtype == getattr(torch, dtype)
        assert_attends(out, wanted, tolerance)


def test_autocast(kind: str) -> None:
    layer, x = made(kind).float(), inputs(2, 6, 12).float()
    wanted = layer(x).detach().double().numpy()
    with torch.autocast("cpu", torch.bfloat16):
        out = layer(x)
        with torch.no_grad():
            assert torch.equal(layer(x), out)
    assert out.dtype == torch.bfloat16
    assert_attends(out, wanted, 0.3)


def test_device_and_reset(kind: str) -> None:
    layer = PhaseAttention(12, 3, device="meta", **KINDS[kind])
    assert all(parameter.is_meta for parameter in layer.parameters())
    assert layer(torch.zeros(2, 6, 12, device="meta")).shape == (2, 6, 12)
    layer.to_empty(device="cpu").reset_parameters()
    torch.manual_seed(3)
    layer.reset_parameters()
    again = PhaseAttention(12, 3, **KINDS[kind])
    torch.manual_seed(3)
    again.reset_parameters()
    for parameter, other in zip(layer.parameters(), again.parameters(), strict=True):
        assert torch.equal(parameter, other)
        assert parameter.isfinite().all()


@pytest.mark.parametrize("dynamic", [False, True])
def test_one_graph(kind: str, dynamic: bool) -> None:
    torch._dynamo.reset()
    layer, x, key_mask = made(kind, scale=0.4, dropout=0.0), inputs(2, 7, 12), torch.arange(7) > 1
    compiled = torch.compile(layer, fullgraph=True, dynamic=dynamic, backend="eager")
    for arguments, keywords in (((x,), {"causal": True}), ((x[:, :5], x), {"key_mask": key_mask, "causal": True})):
        assert_attends(compiled(*arguments, **keywords), layer(*arguments, **keywords).detach().numpy())
        with torch.no_grad():
            assert_attends(compiled(*arguments, **keywords), layer(*arguments, **keywords).numpy())


def test_compiled_gradients(kind: str) -> None:
    torch._dynamo.reset()
    layer, x = made(kind), inputs(2, 7, 12)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    out = compiled(x, causal=True)
    assert_attends(out, layer(x, causal=True).detach().numpy())
    out.sum().backward()
    gradients = [parameter.grad.clone() for parameter in layer.parameters()]
    layer.zero_grad()
    layer(x, causal=True).sum().backward()
    for parameter, gradient in zip(layer.parameters(), gradients, strict=True):
        assert_attends(gradient, parameter.grad.numpy())


def test_export(kind: str) -> None:
    layer, x = made(kind), inputs(2, 7, 12)
    lengths = torch.export.Dim("length", min=2, max=10)  # PyTorch sees a slice of all 11 positions as a special case
    program = torch.export.export(
        layer,
        (x,),
        {"causal": True},
        dynamic_shapes={"query": {1: lengths}, "causal": None},
    )
    for length in (4, 7, 10):
        x = inputs(2, length, 12)
        assert_attends(program.module()(x, causal=True), layer(x, causal=True).detach().numpy())


def test_no_bias(kind: str) -> None:
    assert not any("bias" in name for name, _ in PhaseAttention(12, 3, bias=False, **KINDS[kind]).named_parameters())


def test_repr(kind: str) -> None:
    said = repr(PhaseAttention(12, 3, dropout=0.1, **KINDS[kind]))
    assert "12, num_heads=3, dropout=0.1" in said
    assert "scale" not in said
    assert {"input": "InputPhases(", "position": "PositionPhases(num_heads=3, max_length=11)"}[kind] in said
    assert "scale=0.5" in repr(PhaseAttention(12, 3, scale=0.5))


@pytest.mark.parametrize(
    ("arguments", "keywords", "error", "message"),
    [
        ((0, 1), {}, ValueError, "embed_dim must be at least 1, got 0"),
        ((12.0, 3), {}, TypeError, "embed_dim must be an integer, got 12.0"),
        ((12, 0), {}, ValueError, "num_heads must be at least 1, got 0"),
        ((12, 5), {}, ValueError, "embed_dim must be a multiple of num_heads, 5, got 12"),
        ((12, 3), {"phases": "inputs"}, ValueError, "phases must be 'input' or 'position', got 'inputs'"),
        ((12, 3), {"phases": "position"}, ValueError, "phases='position' needs max_length"),
        ((12, 3), {"phases": "position", "max_length": 0}, ValueError, "max_length must be at least 1, got 0"),
        ((12, 3), {"max_length": 4}, ValueError, "max_length must be None where phases is 'input', got 4"),
        ((12, 3), {"dropout": 1.5}, ValueError, r"dropout must be in \[0, 1\], got 1.5"),
        ((12, 3), {"scale": math.inf}, ValueError, "scale must be finite, got inf"),
    ],
)
def test_wrong_settings(
    arguments: tuple[Any, ...], keywords: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{message}"):
        PhaseAttention(*arguments, **keywords)


ERRORS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"query": np.zeros((5, 12))}, TypeError, "query must be a torch.Tensor, got ndarray"),
    ({"query": inputs(5, 11)}, ValueError, r"query must have shape \(batch, length, 12\) or .* got shape \(5, 11\)"),
    ({"key": inputs(12)}, ValueError, r"key must have shape \(batch, length, 12\) or .* got shape \(12,\)"),
    ({"value": inputs(1, 1, 5, 12)}, ValueError, r"value must have shape .* got shape \(1, 1, 5, 12\)"),
    ({"value": inputs(6, 12)}, ValueError, r"value must be as long as key, 5, got shape \(6, 12\)"),
    ({"key": inputs(2, 5, 12), "query": inputs(3, 5, 12)}, ValueError, "leading axes must broadcast"),
    ({"key_mask": [True] * 5}, TypeError, "key_mask must be a torch.Tensor, got list"),
    ({"key_mask": torch.ones(4).bool()}, ValueError, r"key_mask must have shape \(5,\), got shape \(4,\)"),
    ({"key_mask": torch.ones(2, 5).bool()}, ValueError, r"key_mask must have shape \(5,\), got shape \(2, 5\)"),
    (
        {"query": inputs(2, 5, 12), "key_mask": torch.ones(5, 2).bool()},
        ValueError,
        r"key_mask must have shape \(2, 5\) or \(5,\), got shape \(5, 2\)",
    ),
    ({"key_mask": torch.ones(5)}, TypeError, "key_mask must be bool"),
    ({"causal": None}, TypeError, "causal must be True or False, got None"),
]


@pytest.mark.parametrize(("wrong", "error", "message"), ERRORS, ids=lambda x: x if isinstance(x, str) else None)
def test_wrong_inputs(kind: str, wrong: dict[str, Any], error: type[Exception], message: str) -> None:
    layer = made(kind)
    with pytest.raises(error, match=f"^{message}"):
        layer(**{"query": inputs(5, 12), **wrong})


@pytest.mark.parametrize("name", ["query", "key"])
def test_longer_than_the_positions(name: str) -> None:
    layer = made("position")
    assert layer(inputs(2, 11, 12)).shape == (2, 11, 12)
    long = {"query": inputs(2, 5, 12), "key": inputs(2, 5, 12), name: inputs(2, 12, 12)}
    with pytest.raises(ValueError, match=f"^{name} must be no longer than max_length, 11, got 12$"):
        layer(**long)

"""rn.ResonanceTransformer: rn.phase_attention with phases of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from attention_arguments import INF, NAN, good, names

import resonance_native as rn


def test_transformer_is_the_function(dtype: str) -> None:
    arguments = good(dtype)
    phases = arguments["phase_q"], arguments["phase_k"]
    transformer = rn.ResonanceTransformer(*phases)
    out = transformer.attention(arguments["q"], arguments["k"], arguments["v"])
    assert out.dtype == dtype
    assert out.tobytes() == rn.phase_attention(**arguments).tobytes()
    by_name = transformer.attention(Q=arguments["q"], K=arguments["k"], V=arguments["v"])
    assert by_name.tobytes() == out.tobytes()
    by_lists = rn.ResonanceTransformer(phase_q=phases[0].tolist(), phase_k=phases[1].tolist())
    assert np.array_equal(by_lists.attention(*(arguments[name] for name in ("q", "k", "v"))), out)


def test_transformer_copies_its_phases() -> None:
    arguments = good()
    wanted = rn.phase_attention(**arguments)
    transformer = rn.ResonanceTransformer(arguments["phase_q"], arguments["phase_k"])
    for name in ("phase_q", "phase_k"):
        arguments[name][...] += 1.5
    assert np.array_equal(transformer.attention(arguments["q"], arguments["k"], arguments["v"]), wanted)
    assert transformer.phase_q.dtype == transformer.phase_k.dtype == np.float64
    assert not np.shares_memory(transformer.phase_q, arguments["phase_q"])


def test_transformer_serves_any_number_of_heads() -> None:
    arguments = good()
    transformer = rn.ResonanceTransformer(arguments["phase_q"][0], arguments["phase_k"][0])
    out = transformer.attention(arguments["q"], arguments["k"], arguments["v"])
    alone = transformer.attention(arguments["q"][1], arguments["k"][1], arguments["v"][1])
    assert out.shape == (2, 4, 2)
    assert np.array_equal(out[1], alone)


@pytest.mark.parametrize("name", ["phase_q", "phase_k"])
def test_transformer_refuses_phases_when_it_is_made(name: str) -> None:
    phases = {"phase_q": [1.0, 2.0], "phase_k": [1.0, 2.0, 3.0]}
    wrong: list[tuple[Any, type[Exception]]] = [
        (1.0, ValueError),
        ([1.0, NAN], ValueError),
        ([[INF, 1.0]], ValueError),
        ([[1.0], [1.0, 2.0]], ValueError),
        (None, TypeError),
        (["a", "b"], TypeError),
        ([1j, 2j], TypeError),
        (np.ones(2, object), TypeError),
    ]
    for value, error in wrong:
        with pytest.raises(error, match=names(name)):
            rn.ResonanceTransformer(**{**phases, name: value})


@pytest.mark.parametrize(("name", "shape"), [("Q", (4, 4)), ("K", (5, 4)), ("V", (6, 2)), ("Q", (5, 3)), ("K", (4, 3))])
def test_transformer_refuses_what_does_not_fit_its_phases(name: str, shape: tuple[int, ...]) -> None:
    """The function's messages name its own arguments, which are the same letters."""
    arrays = {"Q": np.ones((4, 3)), "K": np.ones((5, 3)), "V": np.ones((5, 2))}
    transformer = rn.ResonanceTransformer(np.zeros(4), np.zeros(5))
    assert transformer.attention(**arrays).shape == (4, 2)
    with pytest.raises(ValueError, match=rf"(?i){names(name)}"):
        transformer.attention(**{**arrays, name: np.ones(shape)})
    with pytest.raises(ValueError, match=rf"(?i){names(name)}.*finite"):
        transformer.attention(**{**arrays, name: np.full(arrays[name].shape, NAN)})

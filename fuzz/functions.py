"""Functions and constructors with hostile arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import resonance_native as rn
from resonance_native import analysis

from .arrays import REFUSED, Hostile, hostile, itself
from .checks import Outcome, flat, outcome_of, require, require_refusal, require_same
from .draws import Draws
from .in_place import in_place, is_in_place
from .indices import hostile_nodes
from .numbers import hostile_integer, hostile_number

Arguments = Sequence[tuple[str, Hostile]]


def one_function(draws: Draws) -> None:
    """One call of one of the functions, checked."""
    draws.choice(_FUNCTIONS)(draws)


def check_function(
    call: Callable[..., Any], arguments: Arguments, *, close: bool = False, also: Sequence[str] = ()
) -> None:
    """What :func:`fuzz.checks.check_call` requires, of a call that has no subject.

    With ``close``, results may differ from those of the clean copies as sums in another order do.
    """
    given = {name: value.value for name, value in arguments}
    names = [*given, *also]
    outcome = outcome_of(lambda: call(**given))
    if outcome.error is not None and not isinstance(outcome.error, FloatingPointError):
        require_refusal(outcome, names)
    if any(value.clean is REFUSED for _, value in arguments):
        require(outcome.error is not None, f"{names} were taken, which can't be", outcome)
        return
    expected = outcome_of(lambda: call(**{name: value.clean for name, value in arguments}))
    if close and outcome.error is None and expected.error is None:
        require_close(outcome, expected)
    else:
        require_same(outcome, expected)


def require_close(outcome: Outcome, expected: Outcome) -> None:
    """Results that differ by rounding alone."""
    result, wanted = np.asarray(outcome.result), np.asarray(expected.result)
    same = result.shape == wanted.shape and np.allclose(result, wanted, rtol=1e-4, atol=1e-4, equal_nan=True)
    require(same, "not what a clean copy of the arguments gives", outcome, expected)


def _maybe(draws: Draws, value: Hostile) -> Hostile:
    return value if draws.one_in(2) and value.value is not None else itself(None)


def _attention(draws: Draws) -> None:
    queries, keys, width = (draws.choice((2, 1, 3, 0, 9)) for _ in range(3))
    heads: tuple[int, ...] = draws.choice(((), (2,), (1,), (2, 3), (0,)))
    q, k, v = (hostile(draws, (*heads, length, width)) for length in (queries, keys, keys))
    own = [array for array in (q.value, k.value, v.value) if isinstance(array, np.ndarray) and array.ndim >= 2]
    phase_q, phase_k = (hostile(draws, (*heads, length), own) for length in (queries, keys))
    mask = itself(None)
    if draws.one_in(4):
        visible = np.array([draws.below(2) == 1 for _ in range(keys)])
        given = draws.choice((visible, visible[::-1].copy()[::-1], np.broadcast_to(visible, (2, keys))))
        mask = Hostile(given, np.ascontiguousarray(given))
    out = in_place(draws, (*heads, queries, width), own) if draws.one_in(4) else itself(None)
    scale = hostile_number(draws) if draws.one_in(8) else itself(0.5)
    arguments = [("q", q), ("k", k), ("v", v), ("phase_q", phase_q), ("phase_k", phase_k), ("key_mask", mask)]
    arguments += [("scale", scale), ("out", out)]
    causal = draws.one_in(2)

    def call(**given: Any) -> Any:
        return rn.phase_attention(**given, causal=causal)

    if out.value is None or is_in_place(out.value):
        check_function(call, arguments, also=("leading axes",))
    else:
        outcome = outcome_of(lambda: call(**{name: value.value for name, value in arguments}))
        require_refusal(outcome, ["q", "k", "v", "phase_q", "phase_k", "key_mask", "scale", "out", "leading axes"])


def _transformer(draws: Draws) -> None:
    phase_q, phase_k = (hostile(draws, (3,)) for _ in range(2))
    q, k, v = (hostile(draws, (3, 2)) for _ in range(3))

    def call(phase_q: Any, phase_k: Any, q: Any, k: Any, v: Any) -> Any:
        return rn.ResonanceTransformer(phase_q, phase_k).attention(q, k, v)

    check_function(call, [("phase_q", phase_q), ("phase_k", phase_k), ("q", q), ("k", k), ("v", v)])


def _kernel(draws: Draws) -> None:
    n = draws.choice((3, 1, 2, 8, 17))
    weights = in_place(draws, (n, n))
    own = [weights.value] if isinstance(weights.value, np.ndarray) and weights.value.ndim == 2 else []
    phases = hostile(draws, (n,), own)
    amplitudes = hostile(draws, (n,), own)
    name = draws.choice(("coherence", "resonance", "hebbian_update", "fused_step"))
    if name == "coherence":
        out = in_place(draws, (n, n)) if draws.one_in(2) else itself(None)
        if is_in_place(out.value) and draws.one_in(2):
            row = out.value[-1] if out.value.ndim == 2 and len(out.value) else out.value
            row[...] = 0.5
            phases = Hostile(row, row.copy())
        arguments = [("phases", phases), ("out", out)]
    elif name == "resonance":
        out = (
            Hostile(weights.value[0], weights.value[0].copy())
            if own and len(weights.value) and draws.one_in(4)
            else None
        )
        out = out or (in_place(draws, (n,)) if draws.one_in(2) else itself(None))
        arguments = [("weights", weights), ("phases", phases), ("out", out)]
    else:
        if name == "fused_step":
            amplitudes = in_place(draws, (n,), own)
        arguments = [("weights", weights), ("phases", phases), ("amplitudes", amplitudes)]
        arguments.append(("learning_rate", hostile_number(draws) if draws.one_in(4) else itself(0.1)))
        arguments.append(("decay", hostile_number(draws) if draws.one_in(4) else itself(0.9)))
    check_kernel(getattr(rn.kernels, name), arguments)


def check_kernel(kernel: Callable[..., Any], arguments: Arguments) -> None:
    """A kernel that may write to some of its arguments: they come to what clean copies come to, or stay."""
    written = [value for name, value in arguments if name in ("weights", "amplitudes", "out")]
    before = [flat(value.value) for value in written]
    fits = all(is_in_place(value.value) for name, value in arguments if name == "out" and value.value is not None)
    if kernel in (rn.kernels.hebbian_update, rn.kernels.fused_step):
        fits = is_in_place(dict(arguments)["weights"].value)
    if kernel is rn.kernels.fused_step:
        held = dict(arguments)["amplitudes"].value
        fits = fits and is_in_place(held) and not np.shares_memory(held, dict(arguments)["weights"].value)
    if fits:
        check_function(kernel, arguments)
        outcome = outcome_of(lambda: None)
        if kernel in (rn.kernels.hebbian_update, rn.kernels.fused_step):
            weights = dict(arguments)["weights"]
            require(flat(weights.value) == flat(weights.clean), "weights are not what clean arguments give", outcome)
        return
    outcome = outcome_of(lambda: kernel(**{name: value.value for name, value in arguments}))
    require_refusal(outcome, [name for name, _ in arguments])
    require([flat(value.value) for value in written] == before, "an error, and something was written", outcome)


def _analysis(draws: Draws) -> None:
    n, samples = draws.choice((3, 1, 2, 6)), draws.choice((4, 1, 2, 9))
    phases, rows = hostile(draws, (n,)), hostile(draws, (samples, n))
    matrix = hostile(draws, (n, n))
    labels = hostile(draws, (n,))
    groups = Hostile(labels.value, labels.value) if isinstance(labels.value, np.ndarray) else itself([0] * n)
    time = _maybe(draws, hostile(draws, (samples,)))
    name, arguments = draws.choice(
        (
            ("order_parameter", [("phases", rows), ("order", itself(hostile_integer(draws, 1, 2)))]),
            ("order_parameter", [("phases", phases), ("groups", groups)]),
            ("local_order_parameter", [("phases", phases), ("weights", matrix)]),
            ("metastability", [("phases", rows)]),
            ("chimera_index", [("phases", rows), ("groups", groups)]),
            ("mean_frequency", [("phases", rows), ("time", time), ("dt", hostile_number(draws))]),
            ("mean_frequency", [("phases", rows), ("dt", hostile_number(draws))]),
            ("mean_frequency", [("phases", rows), ("time", time)]),
            ("phase_locking_matrix", [("phases", rows)]),
            ("effective_rank", [("matrix", matrix)]),
            ("participation_ratio", [("matrix", matrix)]),
            ("locked_clusters", [("locking", matrix), ("threshold", hostile_number(draws))]),
        )
    )
    check_function(getattr(analysis, name), arguments, close=True)


def _learning_rates(draws: Draws) -> None:
    names = ("time_constant", "dt", "strength")
    check_function(rn.learning_rates, [(name, hostile_number(draws)) for name in names])


def _from_state(draws: Draws) -> None:
    n = draws.choice((3, 1, 2, 8))
    dtype, storage = draws.choice(("float64", "float32")), draws.choice(("dense", "factored"))
    arguments = [(name, hostile(draws, (n,))) for name in ("phases", "frequencies", "amplitudes")]
    arguments.append(("weights", hostile(draws, (n, n))))

    def call(**given: Any) -> Any:
        return rn.ResonanceNetwork.from_state(**given, dtype=dtype, storage=storage, seed=0).__getstate__()

    check_function(call, arguments)


def _constructor(draws: Draws) -> None:
    name = draws.choice(("n_nodes", "base_freq", "freq_std", "weight_std", "gain", "decay", "tolerance", "threads"))
    value = itself(hostile_integer(draws, 3, 1)) if name in ("n_nodes", "threads") else hostile_number(draws)
    given = {"n_nodes": 3, "seed": 0}

    def call(**arguments: Any) -> Any:
        return rn.ResonanceNetwork(**{**given, **arguments}).__getstate__()

    check_function(call, [(name, value)])


def _ensemble_constructor(draws: Draws) -> None:
    name = draws.choice(("base_freq", "freq_std", "weight_std", "gain", "decay", "coupling"))
    value = hostile(draws, (2,))
    value = itself(None) if value.value is None else value
    check_function(lambda **given: rn.ResonanceEnsemble(2, 3, seed=0, **given).__getstate__(), [(name, value)])


def _quietly(product: Callable[[Any], Any], x: Any) -> Any:
    """A product of numbers that need not be finite, as NumPy's products."""
    with np.errstate(all="ignore"):
        return product(x)


def _factored(draws: Draws) -> None:
    n, pairs = draws.choice((3, 1, 5)), draws.below(3)
    weights = rn.FactoredWeights(np.ones((2 * pairs, n)), np.ones((pairs, 2, 2)))
    x = hostile(draws, (n, 2) if draws.one_in(2) else (n,))
    rows, columns = hostile_nodes(draws, n), hostile_nodes(draws, n)
    kind = draws.below(4)
    if (kind == 0 and not isinstance(x.value, np.ndarray)) or x.clean is REFUSED:
        return  # what comes of @ then is not for the operator alone to say
    if kind == 0:
        check_function(lambda x: _quietly(weights.__matmul__, x), [("x", x)], close=True)
    elif kind == 1:
        check_function(lambda x: _quietly(weights.matvec, x), [("x", x)], close=True)
    elif kind == 2:
        check_function(lambda x: _quietly(weights.rmatmat, x), [("x", x)], close=True)
    elif not any(isinstance(each.value, int | np.integer) or np.ndim(each.clean) == 0 for each in (rows, columns)):
        check_function(weights.block, [("rows", rows), ("columns", columns)])


def _factored_constructor(draws: Draws) -> None:
    n, pairs = draws.choice((3, 1)), draws.below(3)
    factors, cores, base = hostile(draws, (2 * pairs, n)), hostile(draws, (pairs, 2, 2)), hostile(draws, (n, n))
    arguments = [factors.value, cores.value]
    keywords = {
        "base": base.value,
        "base_factor": hostile_number(draws).value,
        "error_bound": hostile_number(draws).value,
    }
    outcome = outcome_of(lambda: rn.FactoredWeights(*arguments, **keywords))
    if outcome.error is not None:
        require_refusal(outcome, ["factors", "cores", "base", "base_factor", "error_bound"])


_FUNCTIONS = (
    _attention,
    _transformer,
    _kernel,
    _kernel,
    _analysis,
    _analysis,
    _learning_rates,
    _from_state,
    _constructor,
    _ensemble_constructor,
    _factored,
    _factored_constructor,
)

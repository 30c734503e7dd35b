"""The demo's parts, and what they claim."""

import re
import sys

import numpy as np
import pytest
from scripts import output_of

import resonance_native as rn


def test_it_prints_all_parts_and_writes_the_pictures(tmp_path, capsys):
    from resonance_native.demo import demo

    demo(tmp_path / "picture.png", n=64, repeats=2, images=300, nodes=60, seconds=2.0, many=2000)
    for name in ("picture.png", "picture-learning.png"):
        content = (tmp_path / name).read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) > 50_000
    printed = capsys.readouterr().out
    for words in (
        "NumPy as published",
        "the same bits",
        "300 images",
        "order parameter",
        "adjusted Rand",
        "5. 2,000 nodes",
        "16 MB in float32 or 32 MB in float64",
        "picture.png",
    ):
        assert words in printed
    assert not re.search(r"\b(nan|inf)\b", printed)


def test_it_compares_equal_steps():
    from resonance_native.demo import compare_steps

    result = compare_steps(n=96, repeats=4)
    assert min(result.published, result.rank_two, result.native) > 0
    assert max(result.weight_error, result.amplitude_error) < 1e-13
    assert result.sensitivity > 1e-4
    assert result.same_bits


def test_a_stream_of_digits_teaches_the_neighbours_of_a_pixel():
    from resonance_native.demo import stream_digits

    result = stream_digits()
    assert result.error < 1e-12
    assert result.net.regime() == "alive"
    assert result.rank_correlation() > 0.9
    assert result.neighbour_share(result.net.weights) > 5 * result.chance()
    assert len(result.arrows()) == 8


def test_the_network_synchronises_within_its_groups():
    from resonance_native.demo import synchronise

    result = synchronise()
    assert result.net.regime() == "alive"
    assert result.group_order[0].max() < 0.2
    assert result.group_order[-1].min() > 0.95
    assert result.order[result.moments()[2]] < 0.5
    assert result.recovered() == (3, 240)


def test_clusters_find_the_digits():
    from resonance_native.demo.learning import cluster_digits

    result = cluster_digits()
    assert result.agreement > 0.5
    members = result.in_order()
    assert np.array_equal(np.sort(np.concatenate(members)), np.arange(len(result.images)))


def test_half_digits_are_completed_better_than_by_their_mean():
    from resonance_native.demo.learning import complete_digits

    result = complete_digits()
    completed, of_mean = result.errors
    assert completed < 0.85 * of_mean
    assert np.array_equal(result.completed[:, :32], result.truth[:, :32])


def test_a_sequence_is_recalled_from_a_corrupted_cue():
    from resonance_native.demo.learning import recall_sequence

    assert recall_sequence().right == 30


def test_a_large_network_runs_without_dense_weights():
    from resonance_native.demo.million import STEPS, WARM_UP, run_million

    n = 20_000
    result = run_million(n)
    assert result.net.n_nodes == result.wanted == n
    assert result.net.step_count == WARM_UP + STEPS
    assert result.net.regime() == "alive"
    assert 2 <= result.rank < 100
    assert result.seconds > 0
    assert (result.dense_bytes("float32"), result.dense_bytes("float64")) == (4 * n**2, 8 * n**2)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the peak of a process")
def test_a_large_network_tells_what_memory_it_took():
    n = 20_000
    printed = output_of(f"""
        import numpy as np
        from resonance_native.demo.million import run_million
        np.ones(2**27)  # what came before must not hide it
        result = run_million({n})
        print(result.rank, result.peak_bytes)
    """)
    rank, taken = map(int, printed.split())
    assert 4 * n * rank < taken < n**2


def test_a_large_network_takes_fewer_nodes_where_memory_ends(monkeypatch, capsys):
    from resonance_native import demo

    needed = rn._core.NetworkFloat32.factored_bytes
    monkeypatch.setattr("resonance_native.memory.available_bytes", lambda: needed(5000, 0))
    demo._print_million(8000)
    printed = capsys.readouterr().out
    assert "memory suffices for 4,000 nodes" in printed
    assert "64 MB in float32" in printed

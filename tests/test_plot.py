"""Pictures: compared with kept ones, and what labels, limits and artists they have."""

import warnings

import matplotlib
import numpy as np
import pytest

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images
from plot_pictures import BASELINES, GROUPS, PICTURES, Dataset, Variable, matrix, phases, render, swept
from scripts import output_of

import resonance_native.plot as rp

TOLERANCE = 3.0  # root mean square of a picture's values, 0 to 255: what other versions of matplotlib may differ by
TIME = np.linspace(0, 2, 40)


@pytest.fixture
def ax():
    return Figure().subplots()


@pytest.fixture(autouse=True)
def _figures_and_settings():
    """No test leaves a figure open, and nothing changes matplotlib's settings."""
    before = dict(matplotlib.rcParams)
    yield
    assert not plt.get_fignums()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of settings that matplotlib has deprecated
        assert dict(matplotlib.rcParams) == before


# --- pictures


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_as_they_were(name, tmp_path):
    path = tmp_path / f"{name}.png"
    render(PICTURES[name], path)
    assert compare_images(str(BASELINES / f"{name}.png"), str(path), tol=TOLERANCE) is None


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("circle", lambda ax: rp.phases_on_circle(np.linspace(-0.4, 2, 30) + 0.3, ax=ax)),
        ("circle_groups", lambda ax: rp.phases_on_circle(phases()[25], groups=GROUPS, ax=ax)),
        ("raster", lambda ax: rp.phase_raster(phases(), np.linspace(0, 1, 40), ax=ax)),
        ("raster_uneven", lambda ax: rp.phase_raster(phases(), np.linspace(0, 1, 40), ax=ax)),
        ("weights", lambda ax: rp.weights(matrix().T, ax=ax)),
        ("weights_clusters", lambda ax: rp.weights(matrix(), labels=np.arange(30) // 10, ax=ax)),
        ("spectrum", lambda ax: rp.spectrum(matrix() + matrix().T, ax=ax)),
        ("sweep_line", lambda ax: rp.sweep(swept(lags=(1.0,)), ax=ax)),
        ("sweep_image", lambda ax: rp.sweep(swept(lags=(0.0, 0.5, 0.9)), ax=ax)),
        ("order", lambda ax: rp.order_parameter(np.exp(1j * phases()).mean(axis=1), ax=ax)),
    ],
)
def test_a_wrong_picture_differs(name, wrong, tmp_path):
    path = tmp_path / f"{name}.png"
    render(wrong, path)
    assert compare_images(str(BASELINES / f"{name}.png"), str(path), tol=TOLERANCE) is not None


# --- axes and figures

DRAWN = {
    "phases_on_circle": lambda **k: rp.phases_on_circle(phases()[0], **k),
    "phase_raster": lambda **k: rp.phase_raster(phases(), TIME, **k),
    "order_parameter": lambda **k: rp.order_parameter(np.full(40, 0.5), TIME, **k),
    "weights": lambda **k: rp.weights(matrix(), **k),
    "spectrum": lambda **k: rp.spectrum(matrix(), **k),
    "sweep": lambda **k: rp.sweep(swept(), **k),
}


@pytest.mark.parametrize("name", DRAWN)
def test_the_given_axes_are_drawn_in_and_returned(name, ax):
    assert DRAWN[name](ax=ax) is ax
    assert ax.has_data()


@pytest.mark.parametrize("name", DRAWN)
def test_without_axes_it_opens_one_figure(name):
    ax = DRAWN[name]()
    assert plt.get_fignums() == [ax.figure.number]
    plt.close(ax.figure)


@pytest.mark.parametrize("name", DRAWN)
def test_it_draws_in_a_part_of_a_figure(name):
    parts = Figure(layout="constrained").subfigures(1, 2)
    DRAWN[name](ax=parts[1].subplots())
    parts[0].figure.draw_without_rendering()


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_no_axes_is_refused(name):
    with pytest.raises(TypeError, match="ax must be matplotlib's Axes, got Figure"):
        DRAWN[name](ax=Figure())


# --- circle


def test_the_arrow_ends_at_the_order_parameter(ax):
    values = np.random.default_rng(0).normal(1, 0.5, 57)
    rp.phases_on_circle(values, ax=ax)
    (arrow,) = [text for text in ax.texts if getattr(text, "arrow_patch", None)]
    mean = np.exp(1j * values).mean()
    assert arrow.xy == pytest.approx((mean.real, mean.imag))
    dots = ax.collections[0].get_offsets()
    assert np.asarray(dots) == pytest.approx(np.stack([np.cos(values), np.sin(values)], axis=1))


def test_every_group_has_a_ring_and_an_arrow_of_its_own(ax):
    values = np.linspace(0, 2, 30)
    rp.phases_on_circle(values, groups=np.array(["b", "a", "c"])[GROUPS], ax=ax)
    arrows = [text for text in ax.texts if getattr(text, "arrow_patch", None)]
    assert len(arrows) == 3
    assert ax.get_legend_handles_labels()[1] == ["a", "b", "c"]
    radii = [np.hypot(*np.asarray(dots.get_offsets()).T) for dots in ax.collections[:3]]
    assert [r.mean() for r in radii] == pytest.approx([1, 0.91, 0.82])
    mean = 0.91 * np.exp(1j * values[GROUPS == 0]).mean()
    assert arrows[1].xy == pytest.approx((mean.real, mean.imag))


def test_area_shows_the_amplitude_and_hollow_nodes_are_negative(ax):
    rp.phases_on_circle([0.0, 1.0, 2.0], [1.0, 0.5, -0.5], ax=ax)
    filled, hollow = ax.collections[:2]
    assert filled.get_sizes() == pytest.approx([42, 21])
    assert hollow.get_sizes() == pytest.approx([21])
    assert hollow.get_facecolor().size == 0
    assert len(filled.get_facecolor()) == 1


def test_many_groups_have_shades_and_narrow_rings(ax):
    rp.phases_on_circle(np.arange(40.0), groups=np.arange(40), ax=ax)
    colours = {tuple(dots.get_facecolor()[0]) for dots in ax.collections[:40]}
    assert len(colours) == 40
    assert np.hypot(*ax.collections[39].get_offsets()[0]) == pytest.approx(1 - 39 * 0.5 / 40)


# --- raster and order parameter


def test_the_raster_has_time_nodes_and_a_bar_of_phases(ax):
    rp.phase_raster(phases() + 20 * np.pi, TIME, ax=ax)
    (image,) = ax.images
    assert np.asarray(image.get_array()) == pytest.approx(phases().T)
    assert (image.norm.vmin, image.norm.vmax, image.get_cmap().name) == (0, 2 * np.pi, "twilight")
    half = TIME[1] / 2
    assert ax.get_xlim() == pytest.approx((-half, 2 + half))
    assert ax.get_ylim() == (29.5, -0.5)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time [s]", "node")
    bar = ax.figure.axes[1]
    assert bar.get_ylabel() == "phase [rad]"
    assert [text.get_text() for text in bar.get_yticklabels()] == ["0", "π", "2π"]
    assert bar.get_yticks() == pytest.approx([0, np.pi, 2 * np.pi])


def test_the_raster_can_sort_nodes_and_number_samples(ax):
    order = np.arange(30)[::-1]
    rp.phase_raster(phases(), order=order, colorbar=False, ax=ax)
    assert np.array_equal(ax.images[0].get_array(), phases().T[order])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("sample", "node, sorted")
    assert ax.figure.axes == [ax]


def test_one_sample_is_a_raster_too(ax):
    rp.phase_raster(phases()[:1], [3.0], ax=ax)
    assert ax.get_xlim() == (2.5, 3.5)


def test_the_order_parameter_is_a_magnitude_over_time(ax):
    r = np.exp(1j * phases()).mean(axis=1)
    rp.order_parameter(r, TIME, ax=ax, labels=["all"])
    (line,) = ax.lines
    assert np.array_equal(line.get_ydata(), np.abs(r))
    assert ax.get_xlim() == (0, 2)
    assert ax.get_ylim() == (0, 1.03)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time [s]", "order parameter |r|")
    rp.order_parameter(np.full((40, 3), 0.5), TIME + 1, labels=["a", "b", "c"], ax=ax)
    assert ax.get_legend_handles_labels()[1] == ["all", "a", "b", "c"]
    assert ax.get_xlim() == (0, 3)
    assert [line.get_color() for line in ax.lines[1:]] == ["#0072B2", "#D55E00", "#009E73"]


# --- weights and spectrum


def test_weights_are_sorted_by_cluster_on_a_scale_about_0(ax):
    rp.weights(matrix(), labels=GROUPS, ax=ax)
    nodes = np.argsort(GROUPS, kind="stable")
    (image,) = ax.images
    assert np.array_equal(image.get_array(), matrix()[np.ix_(nodes, nodes)])
    assert image.norm.vmax == -image.norm.vmin == np.abs(matrix()).max()
    borders = sorted({line.get_ydata()[0] for line in ax.lines if line.get_color() == "#222222"} - {0})
    assert borders == [9.5, 19.5]
    assert len(ax.lines) == 4 + 6
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("from node j, by cluster", "to node i, by cluster")


def test_weights_keep_their_order_and_take_a_common_scale(ax):
    rp.weights(matrix(), limit=3, colorbar=False, ax=ax)
    assert np.array_equal(ax.images[0].get_array(), matrix())
    assert ax.images[0].norm.vmax == 3
    assert ax.figure.axes == [ax]
    assert ax.get_ylim() == (29.5, -0.5)


def test_weights_of_0_are_white(ax):
    rp.weights(np.zeros((4, 4)), colorbar=False, ax=ax)
    assert ax.images[0].to_rgba(np.zeros(1))[0, :3] == pytest.approx(1, abs=0.05)


def test_eigenvalues_stand_beside_those_of_random_weights(ax):
    n = 400
    values = np.random.default_rng(0).standard_normal((n, n))
    rp.spectrum(values, ax=ax)
    points = np.asarray(ax.collections[0].get_offsets()) @ [1, 1j]
    assert np.sort(points) == pytest.approx(np.sort(np.linalg.eigvals(values)))
    curve = next(line for line in ax.lines if line.get_label() == "random weights")
    assert np.max(curve.get_xdata()) == pytest.approx(np.sqrt(n), rel=0.02)
    assert np.max(curve.get_ydata()) == pytest.approx(np.sqrt(n), rel=0.02)
    assert np.mean(np.abs(points) < 1.05 * np.sqrt(n)) == 1
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Re λ", "Im λ")


def test_the_ellipse_of_symmetric_weights_is_a_line_of_twice_the_length():
    from resonance_native.plot.eigenvalues import random_half_axes

    values = np.random.default_rng(0).standard_normal((300, 300))
    width, height = random_half_axes(np.triu(values, 1) + np.triu(values, 1).T)
    assert width == pytest.approx(2 * np.sqrt(300), rel=0.02)
    assert height == pytest.approx(0, abs=1e-9)
    assert random_half_axes(np.ones((5, 5))) == random_half_axes(np.ones((1, 1))) == (0, 0)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_the_spectrum_of_equal_weights_can_be_drawn(value, ax):
    rp.spectrum(np.full((5, 5), value), ax=ax)
    ax.figure.draw_without_rendering()


# --- sweeps


def test_a_line_has_means_and_deviations_over_seeds(ax):
    data = swept(lags=(0.5,))
    rp.sweep(data, ax=ax)
    values, order = data["order_parameter"].values[:, 0], [1, 2, 3, 0, 4]
    ((line, _, (bars,)),) = ax.containers
    assert line.get_xdata() == pytest.approx([0.5, 1, 1.5, 2, 3])
    assert line.get_ydata() == pytest.approx(values.mean(axis=1)[order])
    lengths = [segment[1, 1] - segment[0, 1] for segment in bars.get_segments()]
    assert lengths == pytest.approx(2 * values.std(axis=1, ddof=1)[order])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("coupling [rad/s]", "order parameter |r|")


def test_an_image_has_the_first_parameter_to_the_right(ax):
    data = swept()
    rp.sweep(data, ax=ax)
    (mesh,) = ax.collections
    expected = data["order_parameter"].values.mean(axis=2)[[1, 2, 3, 0, 4]].T
    assert np.asarray(mesh.get_array()).reshape(3, 5) == pytest.approx(expected)
    assert (mesh.norm.vmin, mesh.norm.vmax) == (0, 1)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("coupling [rad/s]", "phase lag [rad]")
    assert ax.figure.axes[1].get_ylabel() == "order parameter |r|"


def test_one_seed_has_no_bars_and_a_missing_point_leaves_a_gap(ax):
    data = swept(lags=(0.5,), seeds=1)
    data["order_parameter"].values[0] = np.nan
    rp.sweep(data, ax=ax)
    line, _, bars = ax.containers[0]
    assert not bars
    assert np.isnan(line.get_ydata()).sum() == 1


def test_xarray_data_can_be_drawn(ax):
    xarray = pytest.importorskip("xarray")
    given = swept()["order_parameter"]
    data = xarray.Dataset({"amplitude": (given.dims, given.values)}, {name: given[name].values for name in given.dims})
    rp.sweep(data.isel(phase_lag=[1]), "amplitude", ax=ax)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("coupling [rad/s]", "mean amplitude |a|")
    rp.sweep(data.sel(seed=2, phase_lag=0.5), "amplitude", ax=ax)
    assert len(ax.containers) == 2


# --- animation


def test_an_animation_saves_every_sample(tmp_path):
    from PIL import Image

    given = phases(5)
    animation = rp.animate(given, np.arange(5), groups=GROUPS, amplitudes=np.ones((5, 30)), figure=Figure((5, 2.5)))
    path = tmp_path / "all.gif"
    animation.save(path, writer="pillow", dpi=50)
    with Image.open(path) as image:
        assert image.n_frames == 5
        first = np.asarray(image.convert("RGB"), int)
        image.seek(4)
        assert np.abs(np.asarray(image.convert("RGB"), int) - first).mean() > 1


def test_frames_grow_line_by_line():
    figure, w = Figure(), np.stack([matrix()] * 39 + [-matrix()])
    animation = rp.animate(phases(), TIME, weights=w, figure=figure)
    animation._draw_was_started = True
    circle, order, image = figure.axes[:3]
    for sample in (39, 7):
        animation._func(sample)
        assert circle.get_title() == f"{TIME[sample]:.1f} s"
        (line,) = order.lines
        assert len(line.get_xdata()) == sample + 1
        assert line.get_ydata() == pytest.approx(np.abs(np.exp(1j * phases()[: sample + 1]).mean(axis=1)))
        assert np.array_equal(image.images[0].get_array(), w[sample])
    assert order.get_xlim() == (0, 2)


def test_an_animation_without_a_figure_opens_one():
    animation = rp.animate(phases())
    animation._draw_was_started = True
    assert len(plt.get_fignums()) == 1
    plt.close("all")


# --- wrong input

R = np.full(40, 0.5)
NAN = np.where(np.arange(40) == 3, np.nan, 0.5)
WORDS = Variable(["a", "b"], ("coupling",), {})
WRONG = {
    "phases 2-D": (lambda: rp.phases_on_circle(phases()), r"phases must have shape \(n,\), got \(40, 30\)"),
    "phases empty": (lambda: rp.phases_on_circle([]), r"phases must have shape \(n,\), got \(0,\)"),
    "phases NaN": (lambda: rp.phases_on_circle(NAN), "phases must be finite"),
    "amplitudes": (lambda: rp.phases_on_circle(R, R[:3]), r"amplitudes must have shape \(40,\).* got \(3,\)"),
    "groups": (lambda: rp.phases_on_circle(R, groups=[1, 2]), r"groups must have shape \(40,\).* got \(2,\)"),
    "groups NaN": (lambda: rp.phases_on_circle(R, groups=NAN), "groups must be finite"),
    "raster 1-D": (lambda: rp.phase_raster(R), r"phases must have shape \(T, n\), got \(40,\)"),
    "time length": (lambda: rp.phase_raster(phases(), TIME[1:]), r"time must have shape \(40,\).* got \(39,\)"),
    "time falls": (lambda: rp.order_parameter(R, TIME[::-1]), "time must rise"),
    "order twice": (lambda: rp.phase_raster(phases(), order=[0] * 30), "order must have each of the nodes 0 to 29"),
    "order floats": (lambda: rp.phase_raster(phases(), order=np.arange(30.0)), "order must have each of the nodes"),
    "phases as r": (lambda: rp.order_parameter(phases()), "r must be an order parameter, .* are these phases"),
    "r NaN": (lambda: rp.order_parameter(NAN), "r must be finite"),
    "names": (lambda: rp.order_parameter(R, labels="r"), "labels must have 1 names, one a line, got 'r'"),
    "not square": (lambda: rp.weights(phases()), r"weights must have shape \(n, n\), got \(40, 30\)"),
    "labels": (lambda: rp.weights(matrix(), labels=[1]), r"labels must have shape \(30,\).* got \(1,\)"),
    "limit": (lambda: rp.weights(matrix(), limit=0), "limit must be > 0, got 0"),
    "spectrum": (lambda: rp.spectrum(matrix()[:3]), r"weights must have shape \(n, n\), got \(3, 30\)"),
    "no variable": (lambda: rp.sweep(swept(), "speed"), "variable must be one of order_parameter, got 'speed'"),
    "no parameter": (lambda: rp.sweep(swept(), spread="x"), "one or two parameters .* coupling, phase_lag, seed"),
    "words": (
        lambda: rp.sweep(Dataset(order_parameter=Variable([0, 1], ("coupling",), {"coupling": WORDS}))),
        "values of 'coupling' must be different finite numbers",
    ),
    "no numbers": (lambda: rp.sweep(Dataset(regime=WORDS), "regime"), "variable 'regime' must hold numbers"),
    "frames' amplitudes": (
        lambda: rp.animate(phases(), amplitudes=np.ones(30)),
        r"amplitudes must have shape \(40, 30\), got \(30,\)",
    ),
    "frames' weights": (
        lambda: rp.animate(phases(), weights=np.ones((39, 30, 30))),
        r"weights must have shape \(40, 30, 30\), got \(39, 30, 30\)",
    ),
    "fps": (lambda: rp.animate(phases(), fps=0), "fps must be > 0, got 0"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_one_clear_error_and_opens_no_figure(name):
    draw, message = WRONG[name]
    with pytest.raises(ValueError, match=message):
        draw()
    assert not plt.get_fignums()


def test_what_is_no_array_or_dataset_is_a_type_error(ax):
    with pytest.raises(TypeError, match="phases"):
        rp.phases_on_circle(np.array([1j]))
    with pytest.raises(TypeError, match=r"dataset must be an xarray\.Dataset, as rn\.sweep returns it, got ndarray"):
        rp.sweep(R)
    with pytest.raises(TypeError, match="takes no keywords of a line, got color"):
        rp.sweep(swept(), color="red")
    with pytest.raises(TypeError, match="figure must be a matplotlib Figure, got Axes"):
        rp.animate(phases(), figure=ax)
    with pytest.raises(TypeError, match="colorbar must be True or False, got 1"):
        rp.weights(matrix(), colorbar=1)
    with pytest.raises(TypeError, match="colorbar must be True or False, got 'no'"):
        rp.phase_raster(phases(), colorbar="no")


def test_without_matplotlib_one_line_says_what_to_install():
    script = """
        import sys
        sys.modules["matplotlib"] = None
        import resonance_native
        try:
            import resonance_native.plot
        except ImportError as error:
            print(error)
    """
    assert output_of(script) == 'resonance_native.plot needs matplotlib; try: pip install "resonance-native[plot]"'

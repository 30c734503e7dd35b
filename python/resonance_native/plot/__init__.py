"""Pictures of oscillators, drawn with matplotlib.

Needs matplotlib ≥ 3.7: ``pip install "resonance-native[plot]"``.

================  ===========================================================================
function          what it draws
================  ===========================================================================
phases_on_circle  nodes on the unit circle, and the order parameter as an arrow
phase_raster      phases of all nodes over time
order_parameter   |r| over time
weights           the weight matrix, sorted by clusters
spectrum          eigenvalues of the weights, beside what random weights would have
sweep             a result against one parameter, or over two
animate           circle, order parameter and weights as an animation
================  ===========================================================================

Each takes arrays and ``ax``, the axes to draw in, and returns the axes. Without ``ax`` it opens a figure of its own in
pyplot, which ``plt.show()`` then shows; it never shows anything itself and leaves matplotlib's settings alone, so that
fonts and sizes are those of the style in use. Wrong input is an error before anything is drawn.
"""

try:
    import matplotlib as _needs_matplotlib  # noqa: F401
except ImportError as error:
    raise ImportError('resonance_native.plot needs matplotlib; try: pip install "resonance-native[plot]"') from error

from .animation import animate
from .circle import phases_on_circle
from .eigenvalues import spectrum
from .matrix import weights
from .order import order_parameter
from .raster import phase_raster
from .sweeps import sweep

__all__ = ["animate", "order_parameter", "phase_raster", "phases_on_circle", "spectrum", "sweep", "weights"]

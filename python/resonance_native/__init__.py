"""The Resonance Network: oscillators that learn by phase alignment.

A C++ core that updates weights and coherence in place, under a thin NumPy API, held to a NumPy
reference (:mod:`resonance_native.reference`). Start with :class:`ResonanceNetwork`.
"""

from . import kernels, reference
from ._core import __version__
from .network import ResonanceNetwork
from .rates import learning_rates
from .regimes import ResonanceWarning
from .runtime import available_isas, get_num_threads, isa, set_num_threads, show_config, use_isa

__all__ = [
    "ResonanceNetwork",
    "ResonanceWarning",
    "__version__",
    "available_isas",
    "get_num_threads",
    "isa",
    "kernels",
    "learning_rates",
    "reference",
    "set_num_threads",
    "show_config",
    "use_isa",
]

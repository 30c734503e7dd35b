"""The Resonance Network: oscillators that learn by phase alignment.

A C++ core that updates weights and coherence in place, under a thin NumPy API, held to a NumPy
reference (:mod:`resonance_native.reference`). Start with :class:`ResonanceNetwork`. Estimators in the manner of
scikit-learn are in :mod:`resonance_native.learn`, attention for PyTorch in :mod:`resonance_native.torch`; both are
imported when they are first used.
"""

from typing import TYPE_CHECKING, Any

from . import kernels, reference, stop
from ._core import __version__
from .attention import ResonanceTransformer, phase_attention
from .callbacks import Checkpoint, every
from .development import get_cmake_dir, get_include
from .factored_weights import FactoredWeights
from .network import ResonanceNetwork
from .rates import learning_rates
from .regimes import ResonanceWarning
from .runtime import available_isas, get_num_threads, isa, set_num_threads, show_config, use_isa

if TYPE_CHECKING:
    from . import analysis as analysis
    from . import learn as learn
    from . import plot as plot
    from . import torch as torch
    from .ensemble import ResonanceEnsemble
    from .recorder import Recorder
    from .recording import Recording
    from .sweeping import sweep

__all__ = [
    "Checkpoint",
    "FactoredWeights",
    "Recorder",
    "Recording",
    "ResonanceEnsemble",
    "ResonanceNetwork",
    "ResonanceTransformer",
    "ResonanceWarning",
    "__version__",
    "available_isas",
    "every",
    "get_cmake_dir",
    "get_include",
    "get_num_threads",
    "isa",
    "kernels",
    "learning_rates",
    "phase_attention",
    "reference",
    "set_num_threads",
    "show_config",
    "stop",
    "sweep",
    "use_isa",
]


# Imported when first used, so that importing the package is quick. The modules are not in __all__: most need an extra,
# and a star import never imports them.
_LAZY_MODULES = ("analysis", "learn", "plot", "torch")
_LAZY_NAMES = {
    "Recorder": "recorder",
    "Recording": "recording",
    "ResonanceEnsemble": "ensemble",
    "sweep": "sweeping",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _LAZY_MODULES:
        return import_module(f".{name}", __name__)
    if name in _LAZY_NAMES:
        found = globals()[name] = getattr(import_module(f".{_LAZY_NAMES[name]}", __name__), name)
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY_MODULES, *_LAZY_NAMES})

"""The Resonance Network: oscillators that learn by phase alignment.

A C++ core that updates weights and coherence in place, under a thin NumPy API, held to a NumPy
reference (:mod:`resonance_native.reference`). Start with :class:`ResonanceNetwork`. Estimators in the manner of
scikit-learn are in :mod:`resonance_native.learn`, which is imported when it is first used.
"""

from typing import TYPE_CHECKING, Any

from . import kernels, reference
from ._core import __version__
from .development import get_cmake_dir, get_include
from .network import ResonanceNetwork
from .rates import learning_rates
from .regimes import ResonanceWarning
from .runtime import available_isas, get_num_threads, isa, set_num_threads, show_config, use_isa

if TYPE_CHECKING:
    from . import learn as learn

__all__ = [
    "ResonanceNetwork",
    "ResonanceWarning",
    "__version__",
    "available_isas",
    "get_cmake_dir",
    "get_include",
    "get_num_threads",
    "isa",
    "kernels",
    "learning_rates",
    "reference",
    "set_num_threads",
    "show_config",
    "use_isa",
]


def __getattr__(name: str) -> Any:
    """``learn``, which needs scikit-learn: it is not in __all__, so that a star import never does."""
    if name == "learn":
        from importlib import import_module

        return import_module(".learn", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), "learn"})

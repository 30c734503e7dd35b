"""Estimators and memories over the Resonance Network, in the manner of scikit-learn.

Needs scikit-learn ≥ 1.6: ``pip install "resonance-native[learn]"``.

A row x of data becomes phases φ = φ⁰ + Ωx and phasors z = exp(iφ); a network that was entrained on rows holds the
mean of Re z zᴴ. What is here encodes rows, reads such networks, or keeps phase patterns:

======================  =======================================================================================
what                    what it amounts to
======================  =======================================================================================
PhaseEncoder            random Fourier features of a Gaussian kernel, before their cosine is taken
ResonanceEmbedding      uncentred principal components of these features
ResonanceClusterer      k-means on that embedding
ResonanceNovelty        a Parzen density, with the square of the kernel
ResonanceClassifier     the nearest class mean in feature space, over the inputs that are there
SequenceMemory          a hetero-associative memory: lagged Hebbian weights, as in sequence models of Hopfield's
PhaseMemory             a phasor associative memory, run by Kuramoto's equation
======================  =======================================================================================

No transform, predict, score or recall changes a network or a memory. Phases φ⁰ are random because real weights can't
tell z from its conjugate: with φ⁰ = 0, the presentations of x and −x are the same to them.
"""

try:
    from sklearn.utils.validation import validate_data as _needs_version_1_6  # noqa: F401
except ImportError as error:
    raise ImportError(
        'resonance_native.learn needs scikit-learn ≥ 1.6; try: pip install "resonance-native[learn]"'
    ) from error

from .classifier import ResonanceClassifier
from .clusterer import ResonanceClusterer
from .embedding import ResonanceEmbedding
from .encoder import PhaseEncoder
from .novelty import ResonanceNovelty
from .phase_memory import PhaseMemory
from .sequence_memory import SequenceMemory

__all__ = [
    "PhaseEncoder",
    "PhaseMemory",
    "ResonanceClassifier",
    "ResonanceClusterer",
    "ResonanceEmbedding",
    "ResonanceNovelty",
    "SequenceMemory",
]

"""What a run has recorded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from .recording_layout import CLOCKS, LAYOUT, SERIES, VARIABLES, Layout, series_names
from .recording_store import RecordingStore, coordinates, open_recording, recorded_variables, require_free

if TYPE_CHECKING:
    import xarray

__all__ = ["Recording"]


def _recorded(name: str, doc: str) -> property:
    def get(self: Recording) -> Any:
        try:
            return self._arrays[name]
        except KeyError:
            needed = name if name in VARIABLES else "weights"
            raise AttributeError(
                f"{name} was not recorded, only {', '.join(self.variables)}; "
                f'a Recorder with "{needed}" among its variables records it'
            ) from None

    return property(get, doc=doc)


class Recording:
    """Samples of a run, in the order of time. :meth:`ResonanceNetwork.run` returns one for a :class:`Recorder`.

    T is the number of samples, which is the recording's length, k that of recorded nodes, and T_w that of samples of
    the weights. Recordings of an ensemble of B networks have an axis more, behind the first: (T, B), (T, B, k) and
    (T_w, B, k, k). Arrays are NumPy's where the run recorded to memory. Those of a store are zarr's, and read when they
    are indexed: ``recording.phases[-100:]``, or ``np.asarray(recording.phases)`` for all of it. What was not recorded
    raises an AttributeError.

    Examples
    --------
    >>> import resonance_native as rn
    >>> net = rn.ResonanceNetwork(50, gain=0.3, seed=0)
    >>> recording = net.run(steps=100, record=rn.Recorder(every=10, variables="order_parameter"))
    >>> len(recording), recording.order_parameter.shape
    (11, (11,))
    """

    step = _recorded("step", "Completed steps of the network at each sample, int64 (T,).")
    time = _recorded("time", "Time of the network at each sample [s], (T,).")
    order_parameter = _recorded("order_parameter", "Mean of exp(iφ) over all nodes, complex (T,).")
    phases = _recorded("phases", "Phases [rad], (T, k).")
    amplitudes = _recorded("amplitudes", "Amplitudes [1], in the network's dtype, (T, k).")
    resonance = _recorded("resonance", "Σ_j W_ij cos(φ_i − φ_j) [1], over all j, (T, k).")
    weights = _recorded(
        "weights", "W among the recorded nodes [1], in the network's dtype, (T_w, k, k); [t, i, j] acts on i from j."
    )
    weights_step = _recorded("weights_step", "Completed steps of the network at each sample of the weights, (T_w,).")
    weights_time = _recorded("weights_time", "Time of the network at each sample of the weights [s], (T_w,).")

    def __init__(
        self,
        arrays: Mapping[str, Any],
        nodes: NDArray[np.int64],
        variables: tuple[str, ...],
        attributes: Mapping[str, Any],
        *,
        group: Any = None,
    ) -> None:
        self._arrays = dict(arrays)
        self._nodes = nodes
        self._variables = variables
        self._attributes = dict(attributes)
        self._group = group

    @classmethod
    def load(cls, source: Any) -> Self:
        """Open a recording that was saved or streamed. Its arrays are read when they are indexed. Needs zarr.

        Parameters
        ----------
        source : path, zarr store or zarr group
            What :meth:`save` or the recorder's ``out`` was given. If the process that streamed to it was killed, the
            recording is ``interrupted`` and has all samples up to the last chunk.

        Returns
        -------
        Recording

        Raises
        ------
        FileNotFoundError
            If nothing is there.
        ValueError
            If it is not a recording, or one of a later version.
        """
        group = open_recording(source)
        try:
            return cls._of_store(group)
        except OSError:
            raise
        except Exception as error:  # zarr raises errors of many kinds for what is damaged
            raise ValueError(f"{source} is a recording, but damaged ({error})") from error

    @classmethod
    def _of_store(cls, group: Any) -> Self:
        arrays = {name: group[name] for name in (*CLOCKS, *VARIABLES) if name in group}
        attributes = dict(group.attrs)
        del attributes["coordinates"]
        return cls(arrays, np.asarray(group["node"][:]), recorded_variables(group), attributes, group=group)

    @property
    def nodes(self) -> NDArray[np.int64]:
        """Numbers of the recorded nodes, (k,)."""
        return self._nodes

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of what was recorded."""
        return self._variables

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C or an error ended the run. A callback that stopped it does not count."""
        return bool(self._attributes["interrupted"])

    def to_xarray(self) -> xarray.Dataset:
        """Return the recording as an :class:`xarray.Dataset`. Needs xarray.

        Its dimensions are ``time`` [s], ``network`` for an ensemble, and ``node``, and for weights ``weights_time``
        [s], ``node_to`` and ``node_from``; W[i, j] acts on ``node_to`` i from ``node_from`` j. Units and names are
        attributes of the variables; dt [s] and what the recorder was told are attributes of the data set. Of a store,
        values are read when they are needed, by dask where it is installed.
        """
        try:
            import xarray
        except ImportError:
            raise ImportError('to_xarray needs xarray; try: pip install "resonance-native[sim]"') from None
        if self._group is not None:
            path = self._group.path
            # xarray looks for consolidated metadata at the root of a store only.
            lazy: xarray.Dataset = xarray.open_zarr(self._group.store, group=path or None, consolidated=not path)
            return lazy
        layout = self._layout()
        arrays = self._arrays | coordinates(self.variables, self.nodes, layout.networks)
        described = {name: (layout.dims(name), array, LAYOUT[name].attributes) for name, array in arrays.items()}
        variables = {name: described.pop(name) for name in self.variables}
        return xarray.Dataset(variables, described, self._attributes)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the recording to a folder in zarr format 3, which :func:`xarray.open_zarr` reads as well. Needs zarr.

        Parameters
        ----------
        path : path
            Of the folder. It appears when it is complete.
        overwrite : bool
            Whether to replace a recording that is there.

        Raises
        ------
        FileExistsError
            If something is there and ``overwrite`` is False, or it is not a recording.
        """
        target = Path(path)
        require_free(target, overwrite=overwrite)
        partial = target.with_name(f".{target.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)  # of a process that was killed
        try:
            self._write(partial)
            if target.exists():
                shutil.rmtree(target)
            partial.rename(target)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise

    def _write(self, path: Path) -> None:
        """Copy all samples, a chunk at a time."""
        layout = self._layout()
        names = {series: series_names(series, self.variables) for series in SERIES}
        chunks = {series: layout.chunk_length(names[series]) for series in SERIES}
        store = RecordingStore.create(path, self.nodes, names, chunks, layout, self._attributes, argument="path")
        for series, names_of in names.items():
            total = self._arrays[names_of[0]].shape[0] if names_of else 0
            for first in range(0, total, chunks[series]):
                part = slice(first, first + chunks[series])
                store.write(first, {name: np.asarray(self._arrays[name][part]) for name in names_of})
        store.close(interrupted=self.interrupted)

    def _layout(self) -> Layout:
        return Layout(self.nodes.size, np.dtype(self._attributes["dtype"]), self._attributes.get("n_networks"))

    def __len__(self) -> int:
        return int(self.step.shape[0])

    def __repr__(self) -> str:
        samples = f"{len(self)} samples of {self.nodes.size} of {self._attributes['n_nodes']} nodes"
        if "n_networks" in self._attributes:
            samples += f" of {self._attributes['n_networks']} networks"
        if "weights" in self.variables:
            samples += f" and {self.weights_step.shape[0]} of their weights"
        span = float(self.time[-1] - self.time[0]) if len(self) else 0.0
        size = sum(array.nbytes for array in self._arrays.values()) / 2**20
        parts = [", ".join(self.variables), samples, f"over {span:.6g} s", f"{size:.3g} MiB"]
        if self._group is not None:
            parts.append(f"in {self._group.store_path}")
        if self.interrupted:
            parts.append("interrupted")
        return f"{type(self).__name__}({'; '.join(parts)})"

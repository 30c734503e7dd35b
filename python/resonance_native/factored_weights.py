"""Weights that are kept as factors, as a linear operator."""

from __future__ import annotations

from typing import Any, NoReturn, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from . import factored_arithmetic
from .memory import require_memory
from .validation import node_indices
from .weight_parts import WeightParts, checked_parts


class FactoredWeights:
    """Weights W (n, n) of a network with ``storage="factored"``: a snapshot that never changes.

    W is not held as n × n numbers, but as ::

        W = base_factor · base + Σ_k [u_k v_k] M_k [u_k v_k]ᵀ

    with two vectors u_k and v_k over the nodes and a 2 × 2 core M_k for each pair k. Networks make such weights:
    ``net.weights`` is one, and nobody else needs the constructor.

    ``W @ x`` and ``x @ W`` are products with vectors and matrices, of real or complex numbers. SciPy takes W wherever
    it takes a ``LinearOperator``: ``scipy.sparse.linalg.eigs(W)``, ``svds``, ``gmres``, ``aslinearoperator``.
    Products cost O(n · rank); they are summed in float64 whatever the dtypes, from blocks of nodes, and rounded once,
    to ``np.result_type(W.dtype, x.dtype)``.

    Parts of W are arrays: :meth:`rows`, :meth:`block`, :meth:`diagonal`; ``W[i, j]``, ``W[rows]`` and
    ``W[rows, columns]`` are what they are for an array, but for two lists of indices, which are refused.
    :meth:`to_dense`, and so ``np.asarray(W)``, is all of it.

    Parameters
    ----------
    factors : ndarray of float32 or float64, (2·pairs, n)
        u_k and v_k, in rows 2k and 2k + 1.
    cores : ndarray of float64, (pairs, 2, 2)
        M_k.
    base : ndarray, (n, n), optional
        In the factors' dtype.
    base_factor : float
        Factor on the base.
    error_bound : float
        See :attr:`error_bound`.
    copy : bool
        False takes the arrays over, which nobody may change from then on.
    """

    __slots__ = ("_parts",)
    __array_ufunc__ = None  # so that ndarray @ W comes to __rmatmul__, and no ufunc makes n × n numbers unasked

    ndim = 2

    _parts: WeightParts

    def __init__(
        self,
        factors: NDArray[Any],
        cores: NDArray[np.float64],
        *,
        base: NDArray[Any] | None = None,
        base_factor: float = 0.0,
        error_bound: float = 0.0,
        copy: bool = True,
    ) -> None:
        parts = checked_parts(factors, cores, base, base_factor, error_bound)
        if copy:
            held = None if parts.base is None else parts.base.copy()
            parts = parts._replace(factors=parts.factors.copy(), cores=parts.cores.copy(), base=held)
        for array in (parts.factors, parts.cores, parts.base):
            if array is not None:
                array.flags.writeable = False
        object.__setattr__(self, "_parts", parts)

    @classmethod
    def from_parts(cls, parts: WeightParts) -> Self:
        """Weights of these parts, whose arrays are taken over."""
        factors, cores, base, base_factor, error_bound = parts
        return cls(factors, cores, base=base, base_factor=base_factor, error_bound=error_bound, copy=False)

    # What they are

    @property
    def shape(self) -> tuple[int, int]:
        """(n, n)."""
        n = self._parts.factors.shape[1]
        return n, n

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64."""
        return self._parts.factors.dtype

    @property
    def rank(self) -> int:
        """The rank that W can have at most: the number of factors, n with a base, never above n."""
        n = self.shape[0]
        return n if self._parts.base is not None else min(n, len(self._parts.factors))

    @property
    def error_bound(self) -> float:
        """How far an entry may be from what exact arithmetic makes of the amplitudes that the network had [1]."""
        return self._parts.error_bound

    @property
    def nbytes(self) -> int:
        """Bytes that the parts take."""
        factors, cores, base = self._parts[:3]
        return factors.nbytes + cores.nbytes + (0 if base is None else base.nbytes)

    @property
    def parts(self) -> WeightParts:
        """What W is made of: read-only arrays, not copied."""
        return self._parts

    def factors(self) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """F (n, r) and S (r, r) with W = F S Fᵀ.

        F is read-only and not copied. Columns of F may depend on each other.

        Raises
        ------
        ValueError
            If W has a base: then it is no such product.
        """
        if self._parts.base is not None:
            raise ValueError("factors() needs weights without a base: these began as n × n numbers, which still count")
        factors, cores = self._parts[:2]
        core = np.zeros((len(factors), len(factors)))
        for k, pair in enumerate(cores):
            core[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = pair
        return factors.T, core

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        what = f"shape={self.shape}, dtype={self.dtype}, rank={self.rank}, error_bound={self.error_bound:.3g}"
        return f"{type(self).__name__}({what})"

    # As a linear operator

    @property
    def T(self) -> Self:  # noqa: N802  # NumPy's name
        """Wᵀ; nothing large is copied."""
        return self.from_parts(self._parts.transposed())

    def adjoint(self) -> Self:
        """Wᴴ, which is Wᵀ: weights are real."""
        return self.T

    def matvec(self, x: ArrayLike) -> NDArray[Any]:
        """W x.

        Parameters
        ----------
        x : array_like, (n,) or (n, 1)
            Real or complex.

        Returns
        -------
        ndarray of x's shape
        """
        n, vector = len(self), _numbers(x)
        if vector.shape not in ((n,), (n, 1)):
            raise _wrong_shape(vector, f"({n},) or ({n}, 1)")
        return factored_arithmetic.product(self._parts, vector.reshape(n, 1)).reshape(vector.shape)

    def matmat(self, x: ArrayLike) -> NDArray[Any]:
        """W x.

        Parameters
        ----------
        x : array_like, (n, k)
            Real or complex.

        Returns
        -------
        ndarray, (n, k)
        """
        n, matrix = len(self), _numbers(x)
        if matrix.ndim != 2 or len(matrix) != n:
            raise _wrong_shape(matrix, f"({n}, k)")
        return factored_arithmetic.product(self._parts, matrix)

    def rmatvec(self, x: ArrayLike) -> NDArray[Any]:
        """Wᵀ x, for x as in :meth:`matvec`."""
        return self.T.matvec(x)

    def rmatmat(self, x: ArrayLike) -> NDArray[Any]:
        """Wᵀ x, for x as in :meth:`matmat`."""
        return self.T.matmat(x)

    def __matmul__(self, x: ArrayLike) -> NDArray[Any]:
        n, array = len(self), _numbers(x)
        if array.ndim not in (1, 2) or len(array) != n:
            raise _wrong_shape(array, f"({n},) or ({n}, k)")
        return self.matvec(array) if array.ndim == 1 else self.matmat(array)

    def __rmatmul__(self, x: ArrayLike) -> NDArray[Any]:
        n, array = len(self), _numbers(x)
        if array.ndim not in (1, 2) or array.shape[-1] != n:
            raise _wrong_shape(array, f"({n},) or (k, {n})")
        return self.T.matvec(array) if array.ndim == 1 else self.T.matmat(array.T).T

    # As arrays

    def rows(self, indices: Any) -> NDArray[Any]:
        """W[indices, :].

        Parameters
        ----------
        indices : int, slice, array_like of int, or mask
            Which rows, as NumPy takes them.

        Returns
        -------
        ndarray, (k, n); (n,) for an int

        Raises
        ------
        TypeError, ValueError, IndexError
            If they are none of these, or out of range.
        MemoryError
            If the rows would not fit, before they are allocated.
        """
        return self.block(indices, slice(None))

    def block(self, rows: Any, columns: Any) -> NDArray[Any]:
        """W[i, j] for each i of ``rows`` and each j of ``columns``.

        Parameters
        ----------
        rows, columns : int, slice, array_like of int, or mask
            Which ones, as NumPy takes them along one axis. (For two lists, NumPy's ``array[rows, columns]`` pairs them
            instead; this is ``array[np.ix_(rows, columns)]``.)

        Returns
        -------
        ndarray, (k, l)
            An int takes its axis away.

        Raises
        ------
        TypeError, ValueError, IndexError
            If they are none of these, or out of range.
        MemoryError
            If the block would not fit, before it is allocated.
        """
        of_rows, of_columns = node_indices(rows, len(self), "rows"), node_indices(columns, len(self), "columns")
        what = f"a block ({len(of_rows)}, {len(of_columns)}) of weights in {self.dtype}"
        way_out = "take fewer at a time, or use products, W @ x"
        require_memory(self.dtype.itemsize * len(of_rows) * len(of_columns), what, way_out)
        block = factored_arithmetic.entries(self._parts, of_rows, of_columns)
        found: NDArray[Any] = block[tuple(0 if _is_one(axis) else slice(None) for axis in (rows, columns))]
        return found

    def diagonal(self) -> NDArray[Any]:
        """W[i, i], (n,)."""
        return factored_arithmetic.diagonal(self._parts)

    def to_dense(self) -> NDArray[Any]:
        """W as n × n numbers, a new array.

        Raises
        ------
        MemoryError
            If it would not fit, before it is allocated.
        """
        n = len(self)
        what = f"factored weights of {n} nodes as an n × n array of {self.dtype}"
        way_out = "rows() and block() give parts of it, and W @ x products"
        require_memory(self.dtype.itemsize * n**2, what, way_out)
        nodes = np.arange(n)
        return factored_arithmetic.entries(self._parts, nodes, nodes)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("factored weights become an array only by a copy: they are not held as n × n numbers")
        return self.to_dense().astype(self.dtype if dtype is None else dtype, copy=False)

    def __getitem__(self, key: Any) -> Any:
        if key is Ellipsis:
            key = slice(None)
        if not isinstance(key, tuple):
            key = (key, slice(None))
        if len(key) != 2 or any(axis is None or axis is Ellipsis for axis in key):
            raise TypeError(f"weights take W[rows] or W[rows, columns], got {key!r}; see .rows and .block")
        if all(not isinstance(axis, slice) and np.ndim(axis) for axis in key):
            raise TypeError("W[rows, columns] of two lists would pair them; W.block(rows, columns) doesn't")
        return self.block(*key)

    # Always the same

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"factored weights can't be changed, and {name!r} can't be set; set net.weights instead")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"factored weights can't be changed, and {name!r} can't be deleted")

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise TypeError("factored weights can't be changed, and have no elements to set; set net.weights instead")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_parts, (self._parts,)


def _is_one(axis: Any) -> bool:
    """Whether a valid index is a single integer."""
    return not isinstance(axis, slice) and np.ndim(axis) == 0


def _numbers(x: ArrayLike) -> NDArray[Any]:
    """What W is multiplied with, as an array of real or complex numbers."""
    try:
        array = np.asarray(x)
    except ValueError:  # a ragged list
        raise ValueError(f"x must be an array of real or complex numbers, got {x!r}") from None
    if array.dtype.kind not in "biufc":
        raise TypeError(f"x must be an array of real or complex numbers, got dtype {array.dtype}")
    return array


def _wrong_shape(x: NDArray[Any], wanted: str) -> ValueError:
    return ValueError(f"x must have shape {wanted}, got {x.shape}")

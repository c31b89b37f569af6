"""Frozen values as bytes and back, exactly: dataclasses of arrays, numbers, fractions and None.

The file is NumPy's `.npz`, a zip archive whose parts carry check sums, of these parts:

* `value`: JSON in UTF-8. A dataclass is an object of its fields, a fraction a string `1/30`, an array a string with the
  name of its part; numbers and None are JSON's own, and its floats are read back as the same 64 bits.
* `0`, `1`, ...: the arrays, with their types and shapes.
"""

from __future__ import annotations

import io
import json
import types
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


def to_bytes(value: Any) -> bytes:
    """A frozen dataclass as a file; raises `TypeError` for what is no such value."""
    arrays: list[NDArray[Any]] = []
    tree = _tree(value, arrays)
    parts = {str(number): array for number, array in enumerate(arrays)}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, value=np.frombuffer(json.dumps(tree).encode(), np.uint8), **parts)
    return file.getvalue()


def from_bytes(kind: type[T], data: bytes) -> T:
    """The value of dataclass `kind` in a file; raises `ValueError` where it is damaged or holds something else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as parts:
            arrays = {name: parts[name] for name in parts.files}
        value: T = _value(kind, json.loads(arrays["value"].tobytes()), arrays)
    except Exception as error:  # a damaged archive makes zipfile, NumPy and json raise whatever they meet
        raise ValueError("damaged, or of another release") from error
    return value


def _tree(value: Any, arrays: list[NDArray[Any]]) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _tree(getattr(value, one.name), arrays) for one in fields(value)}
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return str(len(arrays) - 1)
    if isinstance(value, Fraction):
        return str(value)
    if value is None or type(value) in (bool, int, float):
        return value
    if isinstance(value, tuple):
        return [_tree(one, arrays) for one in value]
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _value(kind: Any, tree: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        kind = None if tree is None else next(one for one in get_args(kind) if one is not types.NoneType)
    if kind is None:
        return None
    if get_origin(kind) is tuple:
        return tuple(_value(get_args(kind)[0], one, arrays) for one in tree)
    if get_origin(kind) is np.ndarray:
        return arrays[tree]
    if isinstance(kind, type) and is_dataclass(kind):
        hints, names = get_type_hints(kind), [one.name for one in fields(kind)]
        if tree.keys() != set(names):
            raise ValueError(f"another {kind.__name__}")
        return kind(**{name: _value(hints[name], tree[name], arrays) for name in names})
    return kind(tree)

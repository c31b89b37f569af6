from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from streamdepth.resuming.frozen import from_bytes, to_bytes


@dataclass(frozen=True, eq=False)
class Inner:
    """Some arrays."""

    values: NDArray[np.float32]
    mask: NDArray[np.uint8] | None


@dataclass(frozen=True, eq=False)
class Outer:
    """One of each."""

    pts: Fraction
    number: float | None
    many: tuple[Inner, ...]
    inner: Inner | None


EXACT = [0.1, 1e-310, -0.0, 1 / 3, float("inf"), 2.0**60 + 256]


@pytest.mark.parametrize("number", EXACT)
def test_what_is_read_back_is_the_same_to_the_bit(number):
    values = np.frombuffer(np.random.default_rng(0).bytes(4 * 6 * 8), np.float32).reshape(6, 8)
    inner = Inner(values[::2], None)
    back = from_bytes(Outer, to_bytes(Outer(Fraction(1, 3), number, (inner, inner), None)))
    assert back.pts == Fraction(1, 3)
    assert isinstance(back.pts, Fraction)
    assert np.float64(back.number).tobytes() == np.float64(number).tobytes()
    assert back.inner is None
    assert len(back.many) == 2
    assert back.many[1].mask is None
    assert back.many[1].values.dtype == np.float32
    assert back.many[1].values.tobytes() == values[::2].tobytes()


def test_a_whole_number_in_a_field_of_floats_is_one():
    back = from_bytes(Outer, to_bytes(Outer(Fraction(2), 3, (), Inner(np.zeros(2, np.float32), None))))
    assert isinstance(back.number, float)
    assert back.inner.values.shape == (2,)


@pytest.mark.parametrize("place", [0, 200, -30])
def test_a_damaged_file_is_told_as_one(place):
    data = bytearray(to_bytes(Inner(np.arange(40, dtype=np.float32), None)))
    data[place] ^= 0xFF
    with pytest.raises(ValueError, match="damaged"):
        from_bytes(Inner, bytes(data))


@pytest.mark.parametrize("end", [0, 10, 100])
def test_so_is_one_that_is_cut_off_and_one_of_something_else(end):
    data = to_bytes(Inner(np.arange(40, dtype=np.float32), None))
    with pytest.raises(ValueError, match="damaged"):
        from_bytes(Inner, data[:end])
    with pytest.raises(ValueError, match="damaged"):
        from_bytes(Outer, data)


@dataclass(frozen=True, eq=False)
class Less:
    """What another release keeps of `Inner`."""

    values: NDArray[np.float32]


@pytest.mark.parametrize(("kept", "read"), [(Inner, Less), (Less, Inner)])
def test_what_another_release_kept_is_not_taken_for_ours(kept, read):
    arrays = [np.zeros(3, np.float32)] * len(fields(kept))
    with pytest.raises(ValueError, match="of another release"):
        from_bytes(read, to_bytes(kept(*arrays)))


def test_what_cannot_be_kept_is_no_silent_loss():
    with pytest.raises(TypeError, match="object cannot be kept"):
        to_bytes(object())

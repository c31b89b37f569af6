"""A virtual camera for machines without one: a backend of pyvirtualcam's own kind, which keeps what it gets."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

DEVICE = "/dev/video-of-a-test"


class FakeCamera:
    """As pyvirtualcam's `Backend`, for BGR; `opened` has all of them."""

    opened: list[FakeCamera] = []  # noqa: RUF012 - pyvirtualcam makes them, from the class alone

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None) -> None:
        if device not in (None, DEVICE):
            raise RuntimeError(f"Device {device} does not exist.")
        self.size, self.rate = (width, height), fps
        self.pictures: list[NDArray[np.uint8]] = []
        self.is_open, self.fails = True, False
        self.opened.append(self)

    def send(self, frame: NDArray[np.uint8]) -> None:
        """Keep a picture as (H, W, 3) BGR."""
        assert self.is_open
        if self.fails:
            raise RuntimeError("the device is gone")
        self.pictures.append(frame.reshape(self.size[1], self.size[0], 3).copy())

    def close(self) -> None:
        """It is told once."""
        assert self.is_open
        self.is_open = False

    def device(self) -> str:
        """Its name."""
        return DEVICE

    def native_fourcc(self) -> int | None:
        """Unknown."""
        return None


def plug_in(monkeypatch: pytest.MonkeyPatch) -> list[FakeCamera]:
    """Let there be that camera, and no other; returns those that get opened."""
    camera = pytest.importorskip("pyvirtualcam.camera", reason="pyvirtualcam is not installed")
    monkeypatch.setattr(camera, "BACKENDS", {"fake": FakeCamera})
    monkeypatch.setattr(FakeCamera, "opened", [])
    return FakeCamera.opened

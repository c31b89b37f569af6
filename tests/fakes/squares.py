"""A film that is made quickly, and a network for it whose answers are in other units from picture to picture."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import cv2
import numpy as np

from streamdepth.frames import DepthMap

COUNT = 70
EVERY = 16
"""Pictures from one border to the next, in place of 250."""


class Flickering:
    """A network whose depth is the picture's luma, in units that differ from picture to picture."""

    name, sha256, runtime_name, precision = "flickering", "0" * 64, "onnxruntime", "fp32"

    def __init__(self) -> None:
        self.lanes, self.seen = (self,), 0

    def input_size(self, width: int, height: int) -> tuple[int, int]:
        return 32, 24

    def warm_up(self, width: int, height: int) -> None:
        pass

    def estimate(self, image: np.ndarray) -> DepthMap:
        self.seen += 1
        small = cv2.resize(image[:, :, 1], (32, 24), interpolation=cv2.INTER_AREA).astype(np.float32)
        return DepthMap(small * np.float32(1 + float(small[3, 4]) / 500) + np.float32(float(small[5, 6]) / 9))


def film_of_squares(path: Path, *, uneven: bool = False, sound: bool = True) -> Path:
    """Fourteen seconds: a square moves over noise, there is a cut in the middle, and a tone."""
    path.write_bytes(_encoded(path.suffix, uneven, sound))
    return path


@cache
def _encoded(suffix: str, uneven: bool, sound: bool) -> bytes:
    """The content of such a film: its tone alone takes most of a second to encode."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"film{suffix}"
        _encode(path, uneven, sound)
        return path.read_bytes()


def _encode(path: Path, uneven: bool, sound: bool) -> None:
    base = Fraction(1, 12800)
    with av.open(str(path), "w") as out:
        picture = out.add_stream("libx264", rate=5, options={"g": "12"})
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        picture.time_base = picture.codec_context.time_base = base
        tone = out.add_stream("aac", rate=48_000, layout="mono") if sound else None
        for index in range(COUNT):
            image = np.random.default_rng(index // 35).integers(0, 120, (48, 64, 3)).astype(np.uint8)
            image = image // (1 + index // 35) + np.uint8(index % 3)
            image[10:30, index % 44 : index % 44 + 20] = 220
            frame = av.VideoFrame.from_ndarray(image, "bgr24")
            late = 700 * (index % 3) + (
                40_000 if index > 2 * EVERY else 0
            )  # a gap after the first of a border
            frame.pts, frame.time_base = 2560 * index + (late if uneven else 0), base
            out.mux(picture.encode(frame))
        out.mux(picture.encode(None))
        for index in range(14 * 48_000 // 1024 if tone is not None else 0):
            waves = np.sin(np.arange(1024) / 20, dtype=np.float32)[None]
            heard = av.AudioFrame.from_ndarray(waves, "fltp", "mono")
            heard.sample_rate, heard.pts = 48_000, index * 1024
            out.mux(tone.encode(heard))
        out.mux(tone.encode(None) if tone is not None else [])

#!/usr/bin/env python
"""The loop that everybody writes around MiDaS small, for comparison: frames/s of a whole clip, last line.

    .venv/bin/python scripts/bench/usual_loop.py CLIP [--output FILE.mp4] [--save-weights FILE.pt]

OpenCV reads and writes (mp4v), the picture is scaled and normalised as the release does it (RGB in 0..1, aspect ratio
kept, longer side at most 256, multiples of 32, cubic; ImageNet mean and deviation), PyTorch runs the network eagerly
in float32 on two threads, the map is enlarged by bicubic interpolation, stretched from its minimum to its maximum,
and coloured. Nothing of loading the model is counted. The weights are made-up numbers, which do not change the speed;
`--save-weights` writes them as a checkpoint for `streamdepth --model`.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
import zlib
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from streamdepth.models.networks.midas_small import MidasSmall
from streamdepth.models.preprocess import input_size

THREADS = 2
MEAN = np.array([0.485, 0.456, 0.406])
STD = np.array([0.229, 0.224, 0.225])


def filled_state() -> dict[str, torch.Tensor]:
    """A state dict of the released network with numbers that depend on the names of its parts alone."""
    shapes = {key: tuple(value.shape) for key, value in MidasSmall().state_dict().items()}
    return {key: torch.from_numpy(filled(key, shape, shapes)) for key, shape in shapes.items()}


def filled(key: str, shape: tuple[int, ...], shapes: dict[str, tuple[int, ...]]) -> NDArray[np.uint8]:
    """The value of one part: drawn from a generator that its name seeds."""
    random = np.random.default_rng(zlib.crc32(key.encode()))
    layer, _, part = key.rpartition(".")
    if part == "num_batches_tracked":
        return np.zeros(shape, np.int64)
    if part == "running_var":
        values = random.uniform(0.75, 1.25, shape)
    elif part == "running_mean":
        values = 0.05 * random.standard_normal(shape)
    elif f"{layer}.running_mean" in shapes:
        values = random.uniform(0.8, 1.2, shape) if part == "weight" else 0.05 * random.standard_normal(shape)
    elif part == "weight":
        values = random.standard_normal(shape) * math.sqrt(2 / math.prod(shape[1:]))
    elif key == "scratch.output_conv.4.bias":
        values = np.ones(shape)
    else:
        values = 0.02 * random.standard_normal(shape)
    return values.astype(np.float32)


def made_up_weights(folder: Path) -> str:
    """The path of a checkpoint with made-up numbers."""
    torch.save(filled_state(), folder / "midas-small.pt")
    return str(folder / "midas-small.pt")


def network() -> torch.nn.Module:
    """The released network with made-up numbers."""
    model = MidasSmall()
    model.load_state_dict(filled_state())
    return model.eval()


def transformed(image: NDArray[np.uint8]) -> torch.Tensor:
    """The network's input as the release makes it."""
    rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB) / 255.0, np.float64)
    size = input_size(image.shape[1], image.shape[0])
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC)
    planes = np.transpose((small - MEAN) / STD, (2, 0, 1))
    return torch.from_numpy(np.ascontiguousarray(planes, np.float32)).unsqueeze(0)


def coloured(depth: torch.Tensor, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A heat map as large as the picture."""
    large = torch.nn.functional.interpolate(
        depth.unsqueeze(1), size=image.shape[:2], mode="bicubic", align_corners=False
    )
    values = large.squeeze().cpu().numpy()
    low, high = values.min(), values.max()
    grey = (255 * (values - low) / max(high - low, 1e-6)).astype(np.uint8)
    return np.asarray(cv2.applyColorMap(grey, cv2.COLORMAP_INFERNO), np.uint8)


def run(clip: str, output: Path) -> tuple[int, float]:
    """Frames, and the seconds they took."""
    model = network()
    with torch.no_grad():
        model(torch.zeros(1, 3, 256, 256))  # so that nothing of the first run counts
    begin, count, writer = time.perf_counter(), 0, None
    capture = cv2.VideoCapture(clip)
    while True:
        there, shot = capture.read()
        if not there:
            break
        image = np.asarray(shot, np.uint8)
        with torch.no_grad():
            picture = coloured(model(transformed(image)), image)
        if writer is None:
            rate = capture.get(cv2.CAP_PROP_FPS)
            code = cv2.VideoWriter.fourcc(*"mp4v")
            writer = cv2.VideoWriter(str(output), code, rate, (picture.shape[1], picture.shape[0]))
        writer.write(picture)
        count += 1
    capture.release()
    if writer is None:
        raise SystemExit(f"{clip} has no frames")
    writer.release()
    return count, time.perf_counter() - begin


def main() -> None:
    """Measure one clip."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clip")
    parser.add_argument("--output", type=Path, help="keep the result here (default: it is thrown away)")
    parser.add_argument("--save-weights", type=Path, help="write the made-up checkpoint here, too")
    wanted = parser.parse_args()
    torch.set_num_threads(THREADS)
    if wanted.save_weights:
        torch.save(filled_state(), wanted.save_weights)
    with tempfile.TemporaryDirectory() as folder:
        count, seconds = run(wanted.clip, wanted.output or Path(folder) / "depth.mp4")
    print(f"{count} frames in {seconds:.1f} s")
    print(f"{count / seconds:.2f} frames/s")


if __name__ == "__main__":
    main()

#!/usr/bin/env bash
# MLX 0.32.4 on the CPU (mlx[cpu], PyPI): a wall at 1.5 m is at 1.66 m in the mean of a 4K picture, and at infinity in half floats.
#
# Guess:     the mean of a picture is right to five digits, as in NumPy: sums are kept in parts, and those of half floats in floats. Where all
#            pixels are equal the mean is that number and the variance 0. arange(0, 1000, 0.01) ends at 999.99.
# Behaviour: one float takes up all pixels one after another, also where axes (0, 1) are named: the larger it gets, the more of each pixel is
#            cut off. From 640 x 480 on the third digit is wrong, in 4K the first. var() takes that for the middle, and of a wall it is not
#            0. Half floats are added in half floats: past 65504 the sum is infinite, and with it mean(), AvgPool2d, the losses, and BatchNorm
#            gives NaN. A mean of rows of means is right to four digits, LayerNorm and logsumexp are right. arange() adds its
#            step again and again: it ends beyond its end. Nothing is said.
# Seen:      mean of        480 x 640  720 x 1280  1080 x 1920  2160 x 3840    rows of means, 4K
#            1.5            1.5        1.5         1.5          1.663          1.5
#            3.3            3.309      3.270       3.354        3.477          3.2998
#            10.1           10.079     10.026      10.012       10.160         10.0998
#            1.5, float16   inf at 480 x 640; AvgPool2d(64) of 100: inf; l1_loss of 2 and 3: inf
#            arange(0, 1000, 0.01) ends at 1000.66
#
# It matters where depth is brought to a mean, or two pictures are compared: the error changes with the size of the picture.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 "mlx[cpu]==0.32.4"
venv/bin/python - <<'PYTHON'
import mlx.core as mx
import numpy as np
from mlx import nn

mx.set_default_device(mx.cpu)
SIZES = (480, 640), (720, 1280), (1080, 1920), (2160, 3840)
for depth, expected in ((1.5, (1.5, 1.5, 1.5, 1.663)), (3.3, (3.309, 3.270, 3.354, 3.477)), (10.1, (10.079, 10.026, 10.012, 10.160))):
    for size, seen in zip(SIZES, expected, strict=True):
        wall = mx.full(size, depth)
        mean, both, rows = mx.mean(wall).item(), mx.mean(wall, axis=(0, 1)).item(), mx.mean(mx.mean(wall, axis=1)).item()
        numpy = float(np.asarray(wall).mean())
        print(f"{depth} at {size}: {mean:.4f}, rows of means {rows:.4f}, variance {mx.var(wall).item():.4f}; NumPy {numpy:.4f}")
        assert abs(mean - seen) < 0.002 and mean == both
        assert abs(rows - depth) < 0.0005 * depth and abs(numpy - depth) < 1e-5 * depth
assert mx.var(mx.full((2160, 3840), 1.5)).item() > 0.02

half = mx.full((480, 640), 1.5, dtype=mx.float16)
print("float16:", mx.mean(half).item(), mx.mean(half, axis=1)[0].item(), "NumPy", np.asarray(half).mean())
assert mx.mean(half).item() == mx.var(half).item() == np.inf and mx.mean(half, axis=1)[0].item() == 1.5 == np.asarray(half).mean()
pooled = nn.AvgPool2d(64)(mx.full((1, 64, 64, 1), 100, dtype=mx.float16)).item()
loss = nn.losses.l1_loss(2 * mx.ones((480, 640), dtype=mx.float16), 3 * mx.ones((480, 640), dtype=mx.float16)).item()
normal = nn.BatchNorm(1)(half[None, ..., None])[0, 0, 0, 0].item()
print("AvgPool2d, l1_loss, BatchNorm:", pooled, loss, normal)
assert pooled == loss == np.inf and np.isnan(normal)
assert abs(mx.logsumexp(mx.zeros(100_000, dtype=mx.float16)).item() - np.log(1e5)) < 0.01

steps = mx.arange(0, 1000, 0.01)
print("arange ends at", steps[-1].item(), "NumPy", np.arange(0, 1000, 0.01)[-1])
assert len(steps) == 100_000 and abs(steps[-1].item() - 1000.66) < 0.02
PYTHON

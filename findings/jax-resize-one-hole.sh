#!/usr/bin/env bash
# jax 0.10.2: of a map of depth with one hole (NaN), or one infinite value, jax.image.resize leaves no number at all.
#
# Guess:     a new pixel is a weighted mean of what it covers, and the documentation names kernels of two to six pixels: a
#            hole is spread over these, as in OpenCV, and the rest is as without it.
# Behaviour: each axis is a product with a matrix of weights, nearly all of them zero, and zero times NaN, or times infinity, is
#            NaN: one pixel makes its column NaN, and so every row, whatever the method and the size, with jit or without.
#            Of a map with one infinite pixel nothing is finite either: around that pixel it is infinite, elsewhere NaN. Where
#            an axis keeps its size, only rows or columns are lost. "nearest" is right. scale_and_translate does the
#            same. Nothing is said.
# Seen:      96 x 128 from 1 to 8 m, one pixel of it NaN, or infinite; how many pixels of the answer are not finite
#                                             to 48 x 64    to 192 x 256    to 96 x 64
#            jax, linear, cubic, lanczos3     all 3072      all 49152       64, a row
#            jax, nearest                     0             4               0
#            OpenCV, linear                   1             16              2
#
# It matters where depth is brought to the size of a network or of its pictures in JAX: one hole, and all of it is lost.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 jax==0.10.2 jaxlib==0.10.2 opencv-python-headless==5.0.0.93
JAX_PLATFORMS=cpu venv/bin/python - <<'PYTHON'
import cv2
import jax
import jax.numpy as jnp
import numpy as np

DEPTH = np.linspace(1, 8, 96 * 128, dtype=np.float32).reshape(96, 128)
SIZES = (48, 64), (192, 256), (96, 64)


def holed(value):
    depth = DEPTH.copy()
    depth[40, 50] = value
    return depth


def by_jax(depth, size, method, resize=jax.image.resize):
    return np.asarray(resize(jnp.asarray(depth), size, method))


def by_opencv(depth, size):
    return cv2.resize(depth, size[::-1], interpolation=cv2.INTER_LINEAR)


compiled = jax.jit(jax.image.resize, static_argnums=(1, 2))
for name, value in (("NaN", np.nan), ("infinity", np.inf)):
    depth = holed(value)
    for method in ("linear", "cubic", "lanczos3"):
        for resize in (jax.image.resize, compiled):
            answers = [by_jax(depth, size, method, resize) for size in SIZES]
            lost = [int((~np.isfinite(answer)).sum()) for answer in answers]
            assert lost == [48 * 64, 192 * 256, 64]
            assert all(np.isnan(answer).sum() > 0.9 * count for answer, count in zip(answers, lost, strict=True))
        print(f"{name}, {method}: {lost} not finite, of which {[int(np.isnan(answer).sum()) for answer in answers]} NaN")
        assert np.isfinite(by_jax(DEPTH, SIZES[0], method)).all()
    nearest = [int((~np.isfinite(by_jax(depth, size, "nearest"))).sum()) for size in SIZES]
    others = [int((~np.isfinite(by_opencv(depth, size))).sum()) for size in SIZES]
    print(f"{name}, not finite: nearest {nearest}, OpenCV {others}")
    assert nearest == [0, 4, 0]
    assert others == [1, 16, 2]
moved = jax.image.scale_and_translate(jnp.asarray(holed(np.nan)), (48, 64), (0, 1), jnp.full(2, 0.5), jnp.zeros(2), "linear")
print(f"scale_and_translate: {np.isnan(np.asarray(moved)).sum()} NaN")
assert np.isnan(np.asarray(moved)).all()
PYTHON

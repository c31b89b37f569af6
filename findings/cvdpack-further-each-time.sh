#!/usr/bin/env bash
# cvdpack 0.7.0: depth that is packed is further away, nowhere nearer, and part of it moves on each time that it is packed again.
#
# Guess:     depth in 16 bits, stored as its inverse from 0.5 m to 1000 m (the preset "tartanair_quantized" that comes with it), is
#            rounded to the nearest of the 65535 numbers: off by half a step at most, and right in the mean. What was unpacked
#            is one of these numbers, so that packing it once more changes nothing.
# Behaviour: what is behind the point is cut off. Inverse depth is too small by half a step in the mean, by up to a whole one, so that
#            all depth is too far. An unpacked number is a float of 32 bits, which lies below the number that it stands for
#            as often as above: a fifth of the pixels falls to the next one when it is packed again, then a thirteenth, and
#            so on, always further away. Holes (NaN) stay holes. The README names the step and what is out of range, not this.
# Seen:      307,200 depths from 0.6 m to 900 m; how much further away they are, in the mean and at most
#                           packed once         twice               three times
#            1 to 2 m       0.03   0.12 mm      0.03   0.24 mm      0.03   0.24 mm
#            5 to 10 m      0.8    3.0  mm      1.1    6.0  mm      1.2    9.1  mm
#            50 to 100 m    83     304  mm      99     472  mm      101    514  mm
#            400 to 900 m   6.2    24.9 m       14.4   51.2 m       21.6   79.1 m
#            nearer by 1 mm or more                                 none
#            changed by packing it again        19 %                8 %
#
# It matters since data to train depth networks and to measure them is kept so: what is right is then reported as too near.
# Fails where that changes. Needs Python 3.11 or 3.12 and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile cvdpack==0.7.0 numpy==1.26.4 opencv-python==4.11.0.86 tqdm==4.70.1 huggingface-hub==2.4.0
map=abandonedfactory/Hard/P000/depth_left/000000_left_depth.npy
mkdir -p "times0/${map%/*}"
venv/bin/python - "times0/$map" <<'PYTHON'
import sys

import numpy as np

depth = np.geomspace(0.6, 900, 480 * 640).reshape(480, 640).astype(np.float32)
depth[0, 0] = np.nan
np.save(sys.argv[1], depth)
PYTHON
preset=$(venv/bin/python -c 'import cvdpack, pathlib; print(pathlib.Path(cvdpack.__file__).parent / "presets/tartanair_quantized.json")')
for time in 1 2 3; do
    venv/bin/cvdpack pack --input "times$((time - 1))" --output "packed$time" --steps quantize --config "$preset" --missing_gt silent > log.txt
    venv/bin/cvdpack unpack --input "packed$time" --output "times$time" --steps unquantize --missing_gt silent > log.txt
done
venv/bin/python - "$map" <<'PYTHON'
import sys

import numpy as np

before, *after = [np.load(f"times{time}/{sys.argv[1]}").reshape(480, 640) for time in range(4)]
STEP = (1 / 0.5 - 1 / 1000) / 65534
WANTED = {  # metres in the mean and at most, packed once, twice and three times
    (1, 2): ((0.00003, 0.00012), (0.00003, 0.00024), (0.00003, 0.00024)),
    (5, 10): ((0.0008, 0.0030), (0.0011, 0.0060), (0.0012, 0.0091)),
    (50, 100): ((0.083, 0.304), (0.099, 0.472), (0.101, 0.514)),
    (400, 900): ((6.2, 24.9), (14.4, 51.2), (21.6, 79.1)),
}
for depth in after:
    assert depth.dtype == np.float32
    assert np.array_equal(np.isnan(depth), np.isnan(before))
    assert np.nanmin(depth - before) > -0.001
for (least, most), wanted in WANTED.items():
    there = (before >= least) & (before < most)
    further = [(depth - before)[there] for depth in after]
    print(f"{least} to {most} m:", *(f"{each.mean():.5f} {each.max():.5f} m" for each in further))
    assert np.allclose([(each.mean(), each.max()) for each in further], wanted, rtol=0.3)
    off = (1 / after[0].astype(float) - 1 / before.astype(float))[there] / STEP
    assert abs(off.mean() + 0.5) < 0.02 and off.min() < -0.98
for first, second, share in zip(after, after[1:], (0.19, 0.08)):
    print(f"changed by packing again: {np.mean(second > first):.3f} further, {np.mean(second < first):.3f} nearer")
    assert abs(np.mean(second > first) - share) < 0.03 and not np.any(second < first)
PYTHON

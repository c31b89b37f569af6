#!/usr/bin/env bash
# depthai 3.12.0 (ImageManip on the host): what is mirrored or turned is a pixel off, and what is enlarged has half its depth at the edge.
#
# Guess:     addFlipHorizontal, addFlipVertical and addRotateDeg by 90, 180 or 270 put the same pixels in another order; nothing is
#            lost, and mirrored twice is as it was. A flat wall that is enlarged stays flat.
# Behaviour: positions are turned about the middle of the picture's area, but stand for the middles of pixels: the picture moves on by one
#            pixel to the right or down, where it was mirrored along that axis. The first row or column is black, and the
#            last is lost. The transformation that goes along says so too: pixel 0 of 8 is at 8. Mirrored twice, all is black. An
#            enlarged picture ends in a mixture with black, in its last row and column. So it is with depth (RAW16), grey and
#            colours. Nothing is said.
# Seen:      a row          116 117 118 119 120 121 122 123
#            mirrored         0 123 122 121 120 119 118 117
#            turned by 180  the same, in the row below the one where it belongs; the first row of the picture is black
#            a wall of 1500 mm, twice as large: 1500, and 750 in the last row and column, 375 in their corner
#
# It matters since black is a hole in depth, but 750 mm is an obstacle at half of the distance, and since two depth maps that are compared
# or trained with are mirrored by it and by another program a pixel apart.
# Fails where that changes. Needs Python 3.12 or newer (PYTHON=python3.12) and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 depthai==3.12.0
DEPTHAI_LEVEL=error venv/bin/python - <<'PYTHON'
from datetime import timedelta

import depthai
import numpy as np

HEIGHT, WIDTH = 6, 8
RAMP = np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) + 100
TYPES = {"RAW16": np.uint16, "GRAY8": np.uint8, "BGR888i": np.uint8}


def manipulated(pixels, kind, configure):
    """The first channel of what ImageManip makes of an array, without a device, and the transformation that goes with it."""
    array = pixels.astype(TYPES[kind])
    if kind == "BGR888i":
        array = np.repeat(array[..., None], 3, axis=2)
    frame = depthai.ImgFrame()
    frame.setType(getattr(depthai.ImgFrame.Type, kind))
    frame.setWidth(pixels.shape[1])
    frame.setHeight(pixels.shape[0])
    frame.setData(np.ascontiguousarray(array).view(np.uint8).ravel())
    with depthai.Pipeline(False) as pipeline:
        node = pipeline.create(depthai.node.ImageManip)
        node.setRunOnHost(True)
        node.setMaxOutputFrameSize(1_000_000)
        configure(node.initialConfig)
        answers, questions = node.out.createOutputQueue(), node.inputImage.createInputQueue()
        pipeline.start()
        questions.send(frame)
        answer = answers.get(timedelta(seconds=20))
    made = answer.getFrame()
    return (made[..., 0] if made.ndim == 3 else made).astype(int), answer.getTransformation()


def moved(picture, right, down):
    """The picture so many pixels further to the right and down, with black where there is none."""
    whole = np.zeros_like(picture)
    height, width = picture.shape
    whole[down:, right:] = picture[: height - down, : width - right]
    return whole


WAYS = {
    "mirrored": (lambda config: config.addFlipHorizontal(), moved(RAMP[:, ::-1], 1, 0)),
    "upside down": (lambda config: config.addFlipVertical(), moved(RAMP[::-1], 0, 1)),
    "turned by 180": (lambda config: config.addRotateDeg(180), moved(RAMP[::-1, ::-1], 1, 1)),
    "turned by 90": (lambda config: config.addRotateDeg(90), moved(np.rot90(RAMP, -1), 1, 0)),
    "turned by 270": (lambda config: config.addRotateDeg(270), moved(np.rot90(RAMP), 0, 1)),
}
for kind in TYPES:
    for way, (configure, expected) in WAYS.items():
        made, transformation = manipulated(RAMP, kind, configure)
        print(f"{kind}, {way}: third row {made[2]}")
        assert np.array_equal(made, expected)
        if way == "mirrored":
            twice, _ = manipulated(RAMP, kind, lambda config: config.addFlipHorizontal().addFlipHorizontal())
            print(f"{kind}, mirrored twice: brightest pixel {twice.max()}")
            assert not twice.any()
            corner = transformation.transformPoint(depthai.Point2f(0, 0))
            assert (corner.x, corner.y) == (WIDTH, 0)

wall, _ = manipulated(np.full((HEIGHT, WIDTH), 1500), "RAW16", lambda config: config.setOutputSize(2 * WIDTH, 2 * HEIGHT))
print("a wall of 1500 mm, twice as large: its last two rows\n", wall[-2:])
assert (wall[:-1, :-1] == 1500).all() and (wall[-1, :-1] == 750).all() and (wall[:-1, -1] == 750).all() and wall[-1, -1] == 375
PYTHON

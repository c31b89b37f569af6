#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): FFV1 of half floats in grey (grayf16le) does not come back, without an error.
#
# Guess:     FFV1 version 4 is experimental, which must be asked for (strict=-2): a file of today may be unreadable
#            tomorrow. What is written today is read today, bit for bit, since nothing else is what FFV1 is for.
# Behaviour: with what the encoder chooses by itself, nearly every pixel of a smooth depth map of 1 to 10 m is another
#            number, checksums or not (slicecrc=1), and no picture is marked as corrupt. With the other range coder
#            (coder=range_tab) or without the table of used values (remap_mode=off) it is lossless; RGB (gbrpf16le) always.
# Seen:      grayf16le                       99.9 % of the pixels wrong, of 3 pictures 0 corrupt
#            grayf16le, slicecrc=1           99.9 % wrong, 0 corrupt
#            grayf16le, coder=range_tab      0.0 % wrong
#            grayf16le, remap_mode=off       0.0 % wrong
#            gbrpf16le                       0.0 % wrong
#
# It matters because half floats are how depth networks give metres: this looks like the lossless film of them.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0
venv/bin/python - <<'PYTHON'
import av
import numpy as np

HEIGHT, WIDTH, PICTURES = 64, 256, 3
row, column = np.mgrid[:HEIGHT, :WIDTH]
DEPTH = (1 + column / 32 + row / 100).astype("<f2")  # metres


def lines(plane):
    """Its memory as rows of half floats, without the padding."""
    return np.frombuffer(plane, "<f2").reshape(-1, plane.line_size // 2)[:HEIGHT, :WIDTH]


def frame(layout, index):
    picture = av.VideoFrame(WIDTH, HEIGHT, layout)
    picture.pts = index
    for plane in picture.planes:
        padded = np.zeros((HEIGHT, plane.line_size // 2), "<f2")
        padded[:, :WIDTH] = DEPTH
        plane.update(padded.tobytes())
    return picture


def outcome(layout, options):
    """Share of the pixels that came back as other bits, and how many pictures are marked as corrupt."""
    with av.open("depth.mkv", "w") as container:
        stream = container.add_stream("ffv1", rate=25, options={"strict": "-2"} | options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, layout
        for index in range(PICTURES):
            container.mux(stream.encode(frame(layout, index)))
        container.mux(stream.encode(None))
    with av.open("depth.mkv") as container:
        pictures = list(container.decode(video=0))
    assert len(pictures) == PICTURES and {picture.format.name for picture in pictures} == {layout}
    planes = [lines(plane) for picture in pictures for plane in picture.planes]
    wrong = np.mean([plane.view("<u2") != DEPTH.view("<u2") for plane in planes])
    return float(wrong), sum(picture.is_corrupt for picture in pictures)


for layout, options, is_lossless in (
    ("grayf16le", {}, False),
    ("grayf16le", {"slicecrc": "1"}, False),
    ("grayf16le", {"coder": "range_tab"}, True),
    ("grayf16le", {"remap_mode": "off"}, True),
    ("gbrpf16le", {}, True),
):
    wrong, corrupt = outcome(layout, options)
    print(f"{layout} {options or ''}: {wrong:.1%} of the pixels wrong, {corrupt} pictures corrupt")
    assert corrupt == 0
    assert wrong == 0 if is_lossless else wrong > 0.9
PYTHON

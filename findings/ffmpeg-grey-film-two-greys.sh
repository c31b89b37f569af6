#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): a lossless grey film in H.264 comes back stretched, the same in HEVC as it was.
#
# Guess:     libx264 and libx265 both take grey pixels (gray, gray10le). Without loss, and with the same range tag or none,
#            both give back the grey that went in: whether it is spread is a matter of the tag, not of the codec.
# Behaviour: grey is full range in FFmpeg whatever its tag, and so it is encoded. HEVC decodes to grey and is read so, even
#            where it is tagged as video range. H.264 decodes to yuv420p, whose luma is spread from 16..235 to
#            0..255 unless it is tagged as full range: black and white swallow an eighth of all values. OpenCV and
#            decord2 agree with PyAV, so that whatever is trained on such films of depth sees two different depths.
# Seen:      of 0 8 16 64 128 192 240 255, asked for as grey:
#            libx264 gray, no tag        0 0 0 56 130 205 255 255
#            libx264 gray, video range   0 0 0 56 130 205 255 255
#            libx264 gray, full range    0 8 16 64 128 192 240 255
#            libx265 gray, any of them   0 8 16 64 128 192 240 255
#            stored as luma, all of them 0 8 16 64 128 192 240 255
#            OpenCV, of the first        0 0 0 55 130 204 255 255
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0 opencv-python-headless==5.0.0.93
venv/bin/python - <<'PYTHON'
import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange

WIDTH, HEIGHT = 256, 64
GREYS = np.tile(np.arange(256, dtype=np.uint8), (HEIGHT, 1))
SHOWN = [0, 8, 16, 64, 128, 192, 240, 255]
LOSSLESS = {
    "libx264": {"qp": "0", "preset": "ultrafast"},
    "libx265": {"x265-params": "lossless=1:log-level=none", "preset": "ultrafast"},
}
SPREAD = [0, 0, 0, 56, 130, 205, 255, 255]


def write(codec, tag):
    with av.open("film.mp4", "w") as container:
        stream = container.add_stream(codec, rate=25, options=LOSSLESS[codec])
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "gray"
        if tag is not None:
            stream.codec_context.color_range = tag
        for index in range(4):
            frame = av.VideoFrame.from_ndarray(GREYS, "gray")
            frame.pts = index
            if tag is not None:
                frame.color_range = tag
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def read():
    """The lumas as stored, the picture as grey, and what OpenCV gives."""
    with av.open("film.mp4") as container:
        frame = next(container.decode(video=0))
    luma = np.frombuffer(frame.planes[0], np.uint8)[:WIDTH]
    seen, picture = cv2.VideoCapture("film.mp4", cv2.CAP_FFMPEG).read()
    assert seen
    return frame.format.name, luma, frame.to_ndarray(format="gray")[0], picture[0, :, 0]


for codec in LOSSLESS:
    for tag in (None, ColorRange.MPEG, ColorRange.JPEG):
        write(codec, tag)
        layout, *rows = read()
        luma, grey, opencv = (row[SHOWN].tolist() for row in rows)
        print(f"{codec}, {tag.name if tag else 'no tag'}: decodes to {layout}, as grey {grey}, OpenCV {opencv}")
        is_spread = codec == "libx264" and tag is not ColorRange.JPEG
        assert layout.startswith("yuv" if codec == "libx264" else "gray")
        assert luma == SHOWN
        assert grey == (SPREAD if is_spread else SHOWN)
        assert np.abs(np.subtract(opencv, grey)).max() <= 1
PYTHON

#!/usr/bin/env bash
# Pillow 13.0.0: a film of 16-bit depth in an animated PNG has one picture, or only its holes move.
#
# Guess:     save_all writes every picture that is not the same as the one before it, and of that one the part that is not the
#            same: without a loss, for the modes which PNG takes, I;16 among them.
# Behaviour: whether something has changed is asked of both pictures as RGBA, to which every 16-bit value above 255 is white. With
#            a duration, pictures that differ above 255 only are taken for the same and left out: of a film of millimetres
#            the first picture remains, in a plain PNG. What goes above or below 255 counts as a change, and only the smallest
#            rectangle round it is written: there are as many pictures as there should be, and all around it is as
#            it was in the first one. Nothing is said. Without a duration the first kind of film is whole, the second
#            is not. Such a film by FFmpeg is read rightly by Pillow.
# Seen:      4 pictures of 64 x 48, the first from 1000 to 2100 mm, each 500 mm further than the one before it
#            duration=40                         1 picture
#            without a duration                  4 pictures, all right
#            with a moving hole of 5 x 5 of 0    4 pictures; of 3072 pixels 3032 are wrong in the 2nd, 3rd and 4th
#            of 8 bits, both kinds               4 pictures, all right
#            16 bits, written by FFmpeg          4 pictures, all right
#
# It matters since an animated PNG is the one film of 16 bits without loss that browsers and picture viewers open.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 pillow==13.0.0 av==18.1.0
venv/bin/python - <<'PYTHON'
import av
import numpy as np
from PIL import Image

RAMP = 10 * np.add.outer(np.arange(48), np.arange(64))


def film(kind, first, step, hole):
    """Four pictures, each `step` further away; the hole moves three pixels at a time."""
    pictures = [(RAMP * first // 1000 + first + step * number).astype(kind) for number in range(4)]
    for number, picture in enumerate(pictures):
        if hole:
            picture[5:10, 5 + 3 * number : 10 + 3 * number] = 0
    return pictures


def read():
    """All pictures of the file, as Pillow shows them."""
    with Image.open("film.png") as image:
        found = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            found.append(np.array(image))
        return found


def by_pillow(pictures, **options):
    first, *others = (Image.fromarray(picture) for picture in pictures)
    first.save("film.png", save_all=True, append_images=others, **options)
    return read()


def by_ffmpeg(pictures):
    with av.open("film.png", "w", format="apng") as container:
        stream = container.add_stream("apng", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "gray16be"
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="gray16le")
            container.mux(stream.encode(frame.reformat(format="gray16be")))
        container.mux(stream.encode(None))
    return read()


def wrong(name, pictures, found):
    """How many pixels of each picture that is there are not what went in."""
    counts = [int((one != each).sum()) for one, each in zip(pictures, found, strict=False)]
    print(f"{name}: {len(found)} of {len(pictures)} pictures, wrong pixels in each: {counts}")
    return counts


deep, deep_hole = film(np.uint16, 1000, 500, False), film(np.uint16, 1000, 500, True)
flat, flat_hole = film(np.uint8, 99, 5, False), film(np.uint8, 99, 5, True)
assert wrong("16 bits, duration", deep, by_pillow(deep, duration=40)) == [0]
assert wrong("16 bits, no duration", deep, by_pillow(deep)) == [0] * 4
for options in ({"duration": 40}, {}):
    assert wrong(f"16 bits, moving hole, {options}", deep_hole, by_pillow(deep_hole, **options)) == [0, 3032, 3032, 3032]
for pictures in (flat, flat_hole):
    assert wrong("8 bits", pictures, by_pillow(pictures, duration=40)) == [0] * 4
for pictures in (deep, deep_hole):
    assert wrong("16 bits, by FFmpeg", pictures, by_ffmpeg(pictures)) == [0] * 4
PYTHON

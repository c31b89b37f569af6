#!/usr/bin/env bash
# Qt 6.12.0 (PySide6): 16-bit depth that is scaled smoothly comes two levels nearer; through RGBA64 it has 2910 depths instead of 65536.
#
# Guess:     QImage has Format_Grayscale16 since 5.13, so depth in millimetres keeps its 16 bits: a flat wall that is scaled is that wall,
#            and each number that goes to RGBA64, which has 16 bits a channel, comes back as that number.
# Behaviour: a wall of 97, 194, 291 and so on up to 65,475 mm is 2 mm nearer after scaled() with SmoothTransformation, to each of three
#            sizes, and as it was with FastTransformation. To RGBX64 each number is exact; of what comes back from there to grey,
#            depth is up to 121 nearer or 109 further in steps of up to 208, and neighbours become equal.
#            Through four floats (RGBX32FPx4) each number comes back. Mirroring and quarter turns are exact; any other turn gives RGBA64,
#            for which only that way back is left. Nothing is said.
# Seen:      0 to 65,535 through          nearer by  further by  different depths
#            RGBX64 and RGBA64            121        109         2910
#            RGBX32FPx4                   0          0           65536
#            1000, 1500, 2000 through RGBX64: 1038, 1452, 2075; 1500 scaled: 1498
#
# It matters to viewers and annotation programs in Qt that turn, scale or paint 16-bit depth and store the result.
# Fails where that changes. Needs Linux, Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 PySide6-Essentials==6.12.0
QT_QPA_PLATFORM=offscreen venv/bin/python - <<'PYTHON'
import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QTransform

Format = QImage.Format
ALL = np.arange(65536, dtype=np.uint16).reshape(256, 256)


def picture(depth):
    height, width = depth.shape
    return QImage(depth.tobytes(), width, height, 2 * width, Format.Format_Grayscale16).copy()


def numbers(image):
    assert image.format() == Format.Format_Grayscale16
    rows = np.frombuffer(image.constBits(), np.uint16).reshape(image.height(), image.bytesPerLine() // 2)
    return rows[:, : image.width()].astype(int)


def through(name):
    return numbers(picture(ALL).convertToFormat(getattr(Format, name)).convertToFormat(Format.Format_Grayscale16))


def scaled(value, size, how):
    flat = picture(np.full((48, 64), value, np.uint16))
    (answer,) = np.unique(numbers(flat.scaled(*size, Qt.AspectRatioMode.IgnoreAspectRatio, how)))
    return int(answer)


wide = picture(ALL).convertToFormat(Format.Format_RGBX64)
colours = np.frombuffer(wide.constBits(), np.uint16).reshape(256, 256, 4)
assert all(np.array_equal(colours[..., channel], ALL) for channel in range(3))
for name in ("Format_RGBX64", "Format_RGBA64", "Format_RGBX32FPx4"):
    back = through(name)
    moved = (back - ALL).ravel()
    seen = int(moved.min()), int(moved.max()), len(np.unique(back)), int(np.diff(back.ravel()).max())
    print(name, *seen, back.ravel()[[1000, 1500, 2000]])
    assert seen == ((0, 0, 65536, 1) if name == "Format_RGBX32FPx4" else (-121, 109, 2910, 208))
    if name == "Format_RGBX64":
        assert list(back.ravel()[[1000, 1500, 2000]]) == [1038, 1452, 2075]
for size in ((32, 24), (40, 30), (128, 96)):
    smooth = [scaled(value, size, Qt.TransformationMode.SmoothTransformation) - value for value in range(97, 65536, 97)]
    fast = [scaled(value, size, Qt.TransformationMode.FastTransformation) - value for value in range(97, 65536, 97)]
    print(size, min(smooth), max(smooth), min(fast), max(fast))
    assert (min(smooth), max(smooth), min(fast), max(fast)) == (-2, -2, 0, 0)
    assert scaled(1500, size, Qt.TransformationMode.SmoothTransformation) == 1498
assert np.array_equal(numbers(picture(ALL).transformed(QTransform().rotate(90))), np.rot90(ALL, -1))
assert picture(ALL).transformed(QTransform().rotate(30)).format() == Format.Format_RGBA64_Premultiplied
PYTHON

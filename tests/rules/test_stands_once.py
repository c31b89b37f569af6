"""Crafts that have one place each: a module that needs one calls it there."""

import re

import pytest
from places import REPOSITORY

PACKAGE = REPOSITORY / "streamdepth"
CRAFTS = {
    "text on pictures": (r"cv2\.(putText|getTextSize|FontFace|FONT_)", "imaging/text.py"),
    "the weights of colours in luma": (r"0\.2126|0\.0593", "pixels.py"),
    "a fit of scale and shift": (r"class (\w*Alignment|ScaleAndShift)\b", "imaging/scale_and_shift.py"),
    "bringing a file to disk": (r"\bfsync\(|os\.(rename|replace)\(|\.replace\((self\.)?(path|final)\b", "files"),
    "a file in the place of another": (r"\.write_bytes\(", "files"),
    "FFmpeg's words for colours": (r"\bColorspace\b|\bColorRange\b", "ffmpeg/"),
    "planes of a frame as arrays": (r"memoryview\(plane|\.to_ndarray\(", "ffmpeg/planes.py"),
    "units of H.264": (r"\\x00\\x00\\x01|& (31|0x1[fF])\b", "ffmpeg/nal_units.py"),
    "the tick of 90 kHz": (r"Fraction\(1, 90_?000\)", "frames.py"),
    "opening films to read": (r"\bav\.open\((?!.*\"w\")", "ffmpeg/"),
    "whether FFmpeg states a unit": (r"(packet|stream|frame|context)\.\w+_(base|rate|ratio) is ", "ffmpeg/"),
    "counting processors": (r"cpu_count|sched_getaffinity", "machine.py"),
    "delays between tries": (r"\bDELAYS\b|\bLAST_DELAY\b", "backoff.py"),
}  # fmt: skip
"""What is written where the craft is done, and where that is: a module, or a folder of them."""


@pytest.mark.parametrize("craft", CRAFTS)
def test_a_craft_stands_in_one_place(craft):
    said, home = CRAFTS[craft]
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(said, path.read_text(encoding="utf-8"))
    }
    assert {path for path in found if not path.startswith(home)} == set()

from __future__ import annotations

import pytest

from streamdepth.diagnosis.advice import advise
from streamdepth.diagnosis.finding import Finding, Grade


def runtime(name, precision, ms):
    return Finding("runtime", "", facts={"runtime": name, "precision": precision, "ms": ms})


WINDOW = Finding("display", "", facts={"window": True})
NO_WINDOW = Finding("display", "", Grade.NOTE, facts={"window": False})
CAMERA = Finding("camera", "0 (C920)", facts={"number": 0, "name": "C920"})
BROWSER = Finding("input", "", facts={"kind": "browser", "live": True})
FORBIDDEN = Finding("camera", "1 (C930)", Grade.NOTE, facts={"number": 1, "name": "C930"})


@pytest.mark.parametrize(
    ("findings", "wanted", "command"),
    [
        ([WINDOW, CAMERA], None, "streamdepth --camera 0"),
        ([WINDOW, FORBIDDEN], None, "streamdepth --input demo"),
        ([NO_WINDOW], None, "streamdepth --input demo --output depth.mp4"),
        ([NO_WINDOW, CAMERA], None, "streamdepth --camera 0 --webrtc"),
        ([NO_WINDOW], "rtsp://***@cam/1", "streamdepth --input 'rtsp://***@cam/1' --webrtc"),
        (
            [NO_WINDOW, Finding("input", "", facts={"kind": "video", "live": False})],
            "https://host/street.mp4",
            "streamdepth --input https://host/street.mp4 --output depth.mp4",
        ),
        ([NO_WINDOW, BROWSER], "browser", "streamdepth --input browser"),
        ([WINDOW, BROWSER], "browser", "streamdepth --input browser"),
        ([WINDOW], "rtsp://***@cam/1", "streamdepth --input 'rtsp://***@cam/1'"),
        (
            [WINDOW, Finding("input", "", facts={"kind": "camera"})],
            "HD Webcam",
            "streamdepth --camera 'HD Webcam'",
        ),
        ([WINDOW, runtime("openvino", "fp32", 6), runtime("openvino", "bf16", 5)], None, "streamdepth --input demo"),
        (
            [WINDOW, runtime("openvino", "fp32", 12), runtime("openvino", "bf16", 5), runtime("torch", "fp32", 30)],
            None,
            "streamdepth --input demo",
        ),
        (
            [WINDOW, runtime("openvino", "fp32", 12), runtime("torch", "fp32", 5)],
            None,
            "streamdepth --input demo --engine torch --precision fp32",
        ),
        ([WINDOW, runtime("torch", "fp32", 30)], None, "streamdepth --input demo"),
    ],
)  # fmt: skip
def test_the_command_line_fits_what_was_found(findings, wanted, command):
    assert advise(findings, wanted).command == command


def test_the_reasons_are_given():
    reasons = advise([NO_WINDOW, CAMERA, runtime("openvino", "fp32", 10)], None).reasons
    assert reasons == (
        "camera 0 (C920)",
        "no window can be opened here, so it is watched in a browser",
        "openvino in fp32 takes 10.0 ms a picture with nano, enough for 100 frames/s",
    )

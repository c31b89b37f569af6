"""What the decoded pictures look like: colours, layouts, orientation."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from streamdepth.ffmpeg.picture_from_frame import PictureMaker, over_black
from streamdepth.pixels import I420, ColourMatrix, Picture, Rectangle
from streamdepth.sources.video.source import VideoSource

WIDTH, HEIGHT = 96, 48
BARS = np.repeat(
    np.array([[(0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255), (0, 0, 0), (40, 120, 200)]], np.uint8),
    WIDTH // 6,
    axis=1,
).repeat(HEIGHT, axis=0)
TAGS = {ColourMatrix.BT601: 6, ColourMatrix.BT709: 1, ColourMatrix.BT2020: 9}


def encode(path: Path, frames: list[av.VideoFrame], codec: str, pix_fmt: str, **stream) -> Path:
    rotation = stream.pop("rotation", None)
    with av.open(str(path), "w") as container:
        out = container.add_stream(codec, rate=25, options=stream.pop("options", {}))
        out.width, out.height, out.pix_fmt = frames[0].width, frames[0].height, pix_fmt
        for name, value in stream.items():
            setattr(out.codec_context, name, value)
        if rotation is not None:
            out.set_display_rotation(*rotation)
        for index, frame in enumerate(frames):
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(out.encode(frame))
        container.mux(out.encode(None))
    return path


def only_picture(path: Path) -> Picture:
    source = VideoSource(path)
    try:
        frame = source.read()
        assert frame is not None
        assert (frame.picture.width, frame.picture.height) == (source.info.width, source.info.height)
        return frame.picture
    finally:
        source.close()


def yuv(bgr: np.ndarray, matrix: ColourMatrix, full: bool, depth: int = 8) -> list[np.ndarray]:
    """Y, U, V at full size, by the definition in ITU-T H.273, 8.3."""
    red, blue = matrix.value
    b, g, r = (bgr[..., channel] / 255 for channel in range(3))
    y = red * r + (1 - red - blue) * g + blue * b
    u, v = (b - y) / (2 * (1 - blue)), (r - y) / (2 * (1 - red))
    top, scale = 2**depth - 1, 2 ** (depth - 8)
    if full:
        planes = [y * top, u * top + 128 * scale, v * top + 128 * scale]
    else:
        planes = [(y * 219 + 16) * scale, (u * 224 + 128) * scale, (v * 224 + 128) * scale]
    return [np.clip(np.rint(plane), 0, top) for plane in planes]


def fill(frame: av.VideoFrame, planes: list[np.ndarray]) -> av.VideoFrame:
    for target, plane in zip(frame.planes, planes, strict=True):
        size = 2 if "le" in frame.format.name else 1
        lines = np.zeros((target.height, target.line_size // size), np.uint16 if size == 2 else np.uint8)
        lines[: plane.shape[0], : plane.shape[1]] = plane
        target.update(lines.tobytes())
    return frame


def bars(pix_fmt: str, matrix: ColourMatrix, full: bool, picture: np.ndarray = BARS) -> av.VideoFrame:
    y, u, v = yuv(picture, matrix, full, 10 if "10" in pix_fmt else 8)
    step = {"420": (2, 2), "422": (1, 2), "444": (1, 1)}[pix_fmt[3:6].replace("j42", "420")]
    chroma = [plane[:: step[0], :: step[1]] for plane in (u, v)]
    return fill(av.VideoFrame(picture.shape[1], picture.shape[0], pix_fmt), [y, *chroma])


def error_in_bars(picture: Picture, want: np.ndarray = BARS) -> int:
    """The largest difference in the middle of the bars, where no neighbour bleeds in."""
    middles = slice(WIDTH // 12, None, WIDTH // 6)
    return int(np.abs(picture.bgr[4:-4, middles].astype(int) - want[4:-4, middles]).max())


@pytest.mark.parametrize("matrix", TAGS)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p", "yuv420p10le", "yuv422p10le"])
def test_tagged_colours_come_back_within_three_levels(
    tmp_path: Path, pix_fmt: str, full: bool, matrix: ColourMatrix
) -> None:
    tags = {"colorspace": TAGS[matrix], "color_range": 2 if full else 1}
    frame = bars(pix_fmt, matrix, full)
    path = encode(tmp_path / "bars.mp4", [frame], "libx264", pix_fmt, options={"qp": "0"}, **tags)
    picture = only_picture(path)
    assert error_in_bars(picture) <= 3
    assert isinstance(picture.native, I420)
    assert (picture.native.matrix, picture.native.full_range) == (matrix, full)


def test_a_yuvj_video_is_full_range(tmp_path: Path) -> None:
    frame = bars("yuv420p", ColourMatrix.BT601, full=True).reformat(
        format="yuvj420p", src_color_range="JPEG", dst_color_range="JPEG"
    )
    path = encode(tmp_path / "bars.avi", [frame], "mjpeg", "yuvj420p", options={"qmin": "1", "qmax": "1"})
    picture = only_picture(path)
    assert isinstance(picture.native, I420)
    assert picture.native.full_range
    assert error_in_bars(picture) <= 8  # the codec is lossy


@pytest.mark.parametrize(("height", "matrix"), [(576, ColourMatrix.BT601), (720, ColourMatrix.BT709)])
def test_an_untagged_video_is_bt709_from_720_lines_on(
    tmp_path: Path, height: int, matrix: ColourMatrix
) -> None:
    tall = np.resize(BARS, (height, WIDTH, 3))
    frame = bars("yuv420p", matrix, full=False, picture=tall)
    picture = only_picture(encode(tmp_path / "bars.mkv", [frame], "ffv1", "yuv420p"))
    assert isinstance(picture.native, I420)
    assert picture.native.matrix is matrix
    assert error_in_bars(picture, tall) <= 3


def test_planes_are_handed_on_as_decoded_without_padding(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(16, 236, (3, 50, 70)).astype(np.uint8)
    planes = [noise[0], noise[1, :25, :35], noise[2, :25, :35]]
    frame = fill(av.VideoFrame(70, 50, "yuv420p"), planes)
    native = only_picture(encode(tmp_path / "noise.mkv", [frame], "ffv1", "yuv420p")).native
    assert isinstance(native, I420)
    for plane, want in zip((native.y, native.u, native.v), planes, strict=True):
        assert plane.flags.c_contiguous
        np.testing.assert_array_equal(plane, want)


@pytest.mark.parametrize("size", [(71, 49), (70, 49), (71, 50)])
def test_odd_sizes_keep_every_line_and_column(tmp_path: Path, size: tuple[int, int]) -> None:
    picture = np.full((size[1], size[0], 3), (40, 120, 200), np.uint8)
    picture[:, -1], picture[-1] = (0, 0, 255), (255, 255, 255)
    frame = bars("yuv420p", ColourMatrix.BT601, full=False, picture=picture)
    decoded = only_picture(encode(tmp_path / "odd.mkv", [frame], "ffv1", "yuv420p"))
    native = decoded.native
    assert isinstance(native, I420)
    assert native.u.shape == ((size[1] + 1) // 2, (size[0] + 1) // 2)
    assert decoded.bgr.shape == picture.shape
    assert np.abs(decoded.bgr[-1].astype(int) - 255).max() < 140  # white, with the chroma of its neighbours
    assert np.abs(decoded.bgr[2:-4, 2:-4].astype(int) - picture[2:-4, 2:-4]).max() <= 3


@pytest.mark.parametrize("pix_fmt", ["gray", "gray10le", "gray16le"])
def test_a_grey_video_stays_grey_over_the_full_range(tmp_path: Path, pix_fmt: str) -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8), (16, 1))
    shift = {"gray": 0, "gray10le": 2, "gray16le": 8}[pix_fmt]
    frame = fill(av.VideoFrame(256, 16, pix_fmt), [ramp.astype(np.uint16) << shift])
    picture = only_picture(encode(tmp_path / "ramp.mkv", [frame], "ffv1", pix_fmt))
    assert isinstance(picture.native, I420)
    assert np.abs(picture.bgr.astype(int) - ramp[..., None]).max() <= 1


def test_a_grey_video_tagged_as_limited_range_is_stretched(tmp_path: Path) -> None:
    frame = fill(av.VideoFrame(32, 16, "gray"), [np.full((16, 32), 235, np.uint8)])
    picture = only_picture(encode(tmp_path / "grey.mkv", [frame], "ffv1", "gray", color_range=1))
    assert int(picture.bgr.min()) >= 254


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "suffix"), [("png", "rgba", "mov"), ("ffv1", "yuva420p", "mkv")]
)
def test_a_transparent_video_is_laid_over_black(
    tmp_path: Path, codec: str, pix_fmt: str, suffix: str
) -> None:
    rgba = np.dstack([BARS[..., ::-1], np.full((HEIGHT, WIDTH), 255, np.uint8)])
    rgba[:, WIDTH // 2 :, 3] = 128
    if pix_fmt == "rgba":
        frame = av.VideoFrame.from_ndarray(rgba, "rgba")
    else:
        y, u, v = yuv(BARS, ColourMatrix.BT601, False)
        frame = fill(av.VideoFrame(WIDTH, HEIGHT, pix_fmt), [y, u[::2, ::2], v[::2, ::2], rgba[..., 3]])
    want = np.rint(BARS * (rgba[..., 3:] / 255)).astype(np.uint8)
    picture = only_picture(encode(tmp_path / f"glass.{suffix}", [frame], codec, pix_fmt))
    assert error_in_bars(picture, want) <= 3


@pytest.mark.parametrize("pix_fmt", ["bgr24", "rgb24", "bgra"])
def test_uncompressed_rgb_comes_back_bit_by_bit(tmp_path: Path, pix_fmt: str) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (31, 45, 3)).astype(np.uint8)
    frame = av.VideoFrame.from_ndarray(noise, "bgr24")
    picture = only_picture(encode(tmp_path / "raw.mov", [frame], "rawvideo", pix_fmt))
    np.testing.assert_array_equal(picture.bgr, noise)


ROTATIONS = [
    ((90,), lambda image: np.rot90(image)),
    ((180,), lambda image: np.rot90(image, 2)),
    ((270,), lambda image: np.rot90(image, 3)),
    ((0, True, False), lambda image: image[:, ::-1]),
    ((0, False, True), lambda image: image[::-1]),
    ((90, True, False), lambda image: np.rot90(image)[:, ::-1]),
    ((270, True, False), lambda image: np.rot90(image, 3)[:, ::-1]),
]


@pytest.mark.parametrize(("rotation", "upright"), ROTATIONS)
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p"])
def test_rotated_and_mirrored_videos_come_upright(tmp_path: Path, rotation, upright, pix_fmt: str) -> None:
    stored = np.zeros((48, 64, 3), np.uint8)
    stored[:24, :32], stored[:24, 32:], stored[24:, :32] = (0, 0, 255), (0, 255, 0), (255, 0, 0)
    frame = bars(pix_fmt, ColourMatrix.BT601, full=False, picture=stored)
    options = {"qp": "0"}
    path = encode(tmp_path / "phone.mp4", [frame], "libx264", pix_fmt, options=options, rotation=rotation)
    want = upright(stored)
    shown = only_picture(path).bgr
    assert shown.shape == want.shape
    quarters = np.s_[12::24, 12::24] if want.shape[0] < want.shape[1] else np.s_[16::32, 12::24]
    assert np.abs(shown[quarters].astype(int) - want[quarters]).max() <= 3


def test_the_sample_aspect_turns_with_the_picture(tmp_path: Path) -> None:
    for rotation, want in (None, Fraction(4, 3)), ((90,), Fraction(3, 4)):
        frame = bars("yuv420p", ColourMatrix.BT601, full=False)
        path = tmp_path / f"{want.numerator}.mp4"
        aspect = {"sample_aspect_ratio": Fraction(4, 3), "rotation": rotation}
        source = VideoSource(encode(path, [frame], "libx264", "yuv420p", **aspect))
        assert source.info.sample_aspect == want
        source.close()


@pytest.mark.parametrize(
    ("rotation", "inner"), [(None, Rectangle(0, 6, 96, 36)), ((90,), Rectangle(6, 0, 36, 96))]
)
def test_wider_pixels_than_those_of_the_first_lie_between_bars(
    tmp_path: Path, rotation, inner: Rectangle
) -> None:
    frame = bars("yuv420p", ColourMatrix.BT601, full=False)
    path = encode(tmp_path / "a.mp4", [frame], "libx264", "yuv420p", rotation=rotation)
    with av.open(str(path)) as container:
        stored = next(container.decode(video=0))
    maker = PictureMaker(stored)
    assert maker.make(stored).inner is None
    assert maker.make(stored, Fraction(4, 3)).inner == inner


def test_hdr_video_is_told_in_a_warning(tmp_path: Path) -> None:
    frame = bars("yuv420p10le", ColourMatrix.BT2020, full=False)
    frame.color_trc = 16
    tags = {"colorspace": 9, "color_range": 1, "color_trc": 16, "color_primaries": 9}
    path = encode(tmp_path / "hdr.mp4", [frame], "libx264", "yuv420p10le", options={"qp": "0"}, **tags)
    source = VideoSource(path)
    assert "HDR (PQ)" in source.warnings[0]
    source.close()


def test_laying_over_black_scales_by_alpha() -> None:
    glass = np.array([[(200, 100, 50, 255), (200, 100, 50, 51), (200, 100, 50, 0)]], np.uint8)
    assert over_black(glass).tolist() == [[[200, 100, 50], [40, 20, 10], [0, 0, 0]]]

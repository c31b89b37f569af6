"""Films of every awkward kind: what ffprobe tells of the film is what it tells of its depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from streamdepth.frames import DepthMap, Estimate, Rendered
from streamdepth.sinks.movie.sink import MovieSink
from streamdepth.sources.video.source import VideoSource

DEPTH = DepthMap(np.zeros((2, 2), np.float32))
SAMPLES = 48_000
QUIET = {"x265-params": "log-level=none:pools=none", "preset": "ultrafast"}
GAPS = [0, 1, 2, 3, 9, 10, 11, 30, 31, 33, 34, 50]
PAUSE = [*range(18), *range(180_000, 180_018)]


@dataclass(frozen=True)
class Clip:
    """How a film is made."""

    suffix: str = ".mp4"
    rate: Fraction = Fraction(25)
    times: Sequence[int] = tuple(range(12))
    """In frames of that rate."""
    size: tuple[int, int] = (64, 48)
    aspect: Fraction = Fraction(1)
    rotated: int = 0
    codec: str = "libx264"
    pixels: str = "yuv420p"
    transfer: int | None = None
    """How light becomes numbers, of BT.2020 (ITU-T H.273, table 3)."""
    options: dict[str, str] = field(default_factory=dict)
    mux: dict[str, str] = field(default_factory=dict)
    sound_first: bool = False
    starts: int = 0
    """Seconds at which it begins."""


CLIPS = {
    "variable rate with gaps": Clip(times=GAPS, options={"bf": "0"}),
    "a pause of two hours": Clip(times=PAUSE, options={"bf": "0"}),
    "a pause that B-frames follow": Clip(times=PAUSE, options={"bf": "3"}),
    "29.97": Clip(rate=Fraction(30000, 1001)),
    "23.976": Clip(rate=Fraction(24000, 1001), suffix=".mkv"),
    "59.94": Clip(rate=Fraction(60000, 1001)),
    "rotated by 90": Clip(rotated=90, aspect=Fraction(4, 3)),
    "interlaced": Clip(options={"x264-params": "tff=1", "flags": "+ildct+ilme"}),
    "anamorphic": Clip(aspect=Fraction(16, 11)),
    "853x479": Clip(size=(853, 479), codec="ffv1", suffix=".mkv", times=(0, 1, 2)),
    "HLG in ten bits": Clip(codec="libx265", pixels="yuv420p10le", transfer=18, options=QUIET),
    "PQ in ten bits": Clip(codec="libx265", pixels="yuv420p10le", transfer=16, options=QUIET, suffix=".mkv"),
    "one frame": Clip(times=(0,)),
    "starting at 3 s": Clip(starts=3, sound_first=True),
    "starting at 10 s": Clip(starts=10),
    "B-frames decoded before zero": Clip(options={"bf": "3"}, mux={"movflags": "negative_cts_offsets"}),
    "video not the first stream": Clip(
        sound_first=True, suffix=".mkv", mux={"avoid_negative_ts": "disabled"}
    ),
}


def made(path: Path, clip: Clip) -> Path:
    with av.open(str(path), "w", options=clip.mux) as container:
        sound = container.add_stream("flac", rate=SAMPLES, layout="mono") if clip.sound_first else None
        video: Any = container.add_stream(clip.codec, rate=clip.rate, options=clip.options)
        video.width, video.height, video.pix_fmt = *clip.size, clip.pixels
        if clip.transfer is not None:
            context = video.codec_context
            context.color_primaries, context.color_trc, context.colorspace = 9, clip.transfer, 9
        video.codec_context.sample_aspect_ratio = clip.aspect
        video.time_base = video.codec_context.time_base = tick = 1 / clip.rate / 512
        if clip.rotated:
            video.set_display_rotation(clip.rotated)
        if sound is not None:
            container.mux(tone(sound, clip))
        for time in clip.times:
            frame = av.VideoFrame(*clip.size, clip.pixels)
            for plane in frame.planes:
                plane.update(
                    level(clip, 40 + 3 * (time % 60)) * (plane.buffer_size // (2 if clip.transfer else 1))
                )
            frame.pts = 512 * round(time + clip.starts * clip.rate)
            frame.time_base = tick
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


def level(clip: Clip, value: int) -> bytes:
    """One sample."""
    return (4 * value).to_bytes(2, "little") if clip.transfer else bytes([value])


def tone(stream: Any, clip: Clip) -> list[Any]:
    frame = av.AudioFrame.from_ndarray(np.zeros((1, SAMPLES // 2), np.int16), "s16", "mono")
    frame.sample_rate, frame.time_base = SAMPLES, Fraction(1, SAMPLES)
    frame.pts = clip.starts * SAMPLES
    return [*stream.encode(frame), *stream.encode(None)]


def rendered(film: Path, out: Path) -> None:
    source = VideoSource(film)
    sink = MovieSink(out, source.info)
    for frame in iter(source.read, None):
        sink.write(Rendered(Estimate(frame, DEPTH, 0.0), frame.picture))
    source.close()
    sink.close()


@dataclass(frozen=True)
class Told:
    """What ffprobe tells."""

    kinds: list[str]
    times: list[float]
    """Of the pictures, in seconds from the start of the file."""
    shape: Fraction
    """Width over height, as shown."""
    rate: Fraction
    duration: float
    """From the start of the file to its end."""


def told(path: Path, turned: bool = False) -> Told:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        kinds = sorted(one.type for one in container.streams)
        start = Fraction(container.start_time or 0, av.time_base)
        start = start if start > 5 else Fraction(0)
        rate, aspect = stream.average_rate, stream.sample_aspect_ratio or Fraction(1)
        frames = list(container.decode(stream))
        shape = Fraction(frames[0].width, frames[0].height) * aspect
        duration = Fraction(container.duration or 0, av.time_base)
        if "matroska" in container.format.name:  # which tells when the file ends
            duration -= Fraction(container.start_time or 0, av.time_base)
        times = [float(Fraction(frame.pts) * frame.time_base - start) for frame in frames]
    return Told(kinds, times, 1 / shape if turned else shape, Fraction(rate or 0), float(duration))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("clip", CLIPS.values(), ids=CLIPS)
def test_streams_count_timestamps_and_duration_are_those_of_the_film(
    clip: Clip, suffix: str, tmp_path: Path
) -> None:
    film = made(tmp_path / f"film{clip.suffix}", clip)
    rendered(film, tmp_path / f"depth{suffix}")
    before, after = told(film, turned=bool(clip.rotated)), told(tmp_path / f"depth{suffix}")
    assert after.kinds == before.kinds
    tick = 1e-6 if suffix == clip.suffix == ".mp4" else 0.00051
    assert after.times == pytest.approx(before.times, abs=tick)
    assert len(after.times) == len(clip.times)
    # Matroska says in whole pixels how large a picture is shown, and the depth of odd sides is a pixel larger.
    off = 0.005 if suffix == ".mkv" or clip.size[0] % 2 else 0
    assert float(after.shape) == pytest.approx(float(before.shape), rel=off)
    assert after.duration == pytest.approx(before.duration, abs=0.0021)
    if len(clip.times) > 1:
        assert float(after.rate) == pytest.approx(float(before.rate), rel=0.001)


def test_a_frame_without_a_timestamp_stands_between_its_neighbours(tmp_path: Path) -> None:
    film = made(tmp_path / "film.ts", Clip(suffix=".ts", options={"bf": "0"}))
    film.write_bytes(without_time(film.read_bytes(), 5))
    rendered(film, tmp_path / "depth.mp4")
    assert told(tmp_path / "depth.mp4").times == pytest.approx([n / 25 for n in range(12)], abs=1e-4)


def without_time(stream: bytes, number: int) -> bytes:
    """A transport stream whose `number`th picture does not say when it is shown (ISO/IEC 13818-1, 2.4.3.6)."""
    data, at = bytearray(stream), -1
    for _ in range(number + 1):
        at = data.index(b"\x00\x00\x01\xe0", at + 1)
    assert data[at + 7] & 0x80
    data[at + 7] &= 0x3F
    data[at + 9 : at + 9 + data[at + 8]] = b"\xff" * data[at + 8]
    return bytes(data)


def test_what_an_edit_list_leaves_out_is_left_out(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole.mp4", Clip(times=range(30), options={"g": "10", "bf": "2"}))
    film = cut(whole, tmp_path / "film.mp4", 13)
    before = told(film)
    assert len(before.times) == 17
    for suffix in (".mp4", ".mkv"):
        rendered(film, tmp_path / f"depth{suffix}")
        after = told(tmp_path / f"depth{suffix}")
        assert after.times == pytest.approx(before.times, abs=1e-6)
        assert after.duration == pytest.approx(before.duration, abs=0.0021)


def test_a_last_picture_that_an_edit_list_shows_longer_is_shown_longer(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole.mp4", Clip(times=range(30), options={"g": "10", "bf": "2"}))
    film = cut(whole, tmp_path / "film.mp4", 13)
    data = bytearray(film.read_bytes())
    clock = data.index(b"mvhd") + 16  # ISO/IEC 14496-12: units a second, of which FFmpeg 8 takes 1000
    second = int.from_bytes(data[clock : clock + 4])
    for at in (data.index(b"elst") + 12, data.index(b"tkhd") + 24):  # how long
        assert int.from_bytes(data[at : at + 4]) == second * 68 // 100
        data[at : at + 4] = (second * 7 // 10).to_bytes(4)
    film.write_bytes(data)
    rendered(film, tmp_path / "depth.mp4")
    assert told(tmp_path / "depth.mp4").duration == pytest.approx(0.7)


def cut(whole: Path, film: Path, begin: int) -> Path:
    """The film from its `begin`th picture on, by packets: those from the key frame before it on are there, unseen."""
    with av.open(str(whole)) as source, av.open(str(film), "w") as container:
        stream = source.streams.video[0]
        copy = container.add_stream_from_template(stream)
        tick = round(1 / Fraction(25) / stream.time_base)
        for packet in source.demux(stream):
            if packet.size and packet.pts >= begin // 10 * 10 * tick:
                packet.pts -= begin * tick
                packet.dts -= begin * tick
                packet.stream = copy
                container.mux(packet)
    return film

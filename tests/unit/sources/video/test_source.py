"""Video files: every frame, exact timestamps, and what is left of damaged recordings."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import greys, write_film
from places import SHARED

from streamdepth.errors import SourceError
from streamdepth.frames import Frame
from streamdepth.pixels import Rectangle
from streamdepth.proof.movie_facts import read_movie
from streamdepth.sources.video.source import VideoOptions, VideoSource

MEDIA = SHARED / "media"
CLIPS = ["bikes.mp4", "bigbuckbunny.mp4", "carphone.mp4", "rollercoaster.mp4"]
BASE = Fraction(1, 90_000)
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}


def noise(index: int, size: tuple[int, int] = (64, 48)) -> av.VideoFrame:
    """Noise that moves; its brightness tells the index."""
    picture = np.random.default_rng(index).integers(0, 80, (size[1], size[0], 3)) + 3 * index
    return av.VideoFrame.from_ndarray(picture.astype(np.uint8), "bgr24")


def write(
    path: Path, ticks: list[int], *, codec: str = "libx264", size=(64, 48), container=None, **options
) -> Path:
    """A video with a frame at each of `ticks`, in units of 1/90000 s."""
    with av.open(str(path), "w", options=container or {}) as out:
        stream = out.add_stream(codec, rate=25, options={"g": "10", **options})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        if path.suffix not in (".avi", ".mpg"):
            stream.time_base = stream.codec_context.time_base = BASE
        for index, tick in enumerate(ticks):
            frame = noise(index, size)
            frame.pts, frame.time_base = tick, BASE
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def steady(count: int) -> list[int]:
    return [3600 * index for index in range(count)]


@contextmanager
def opened(path: Path, options: VideoOptions | None = None) -> Iterator[VideoSource]:
    source = VideoSource(path, options)
    try:
        yield source
    finally:
        source.close()


def all_frames(source: VideoSource) -> list[Frame]:
    return list(iter(source.read, None))


def seconds(path: Path) -> list[Fraction]:
    with opened(path) as source:
        return [frame.pts for frame in all_frames(source)]


def cut(path: Path, keep: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    return path


def ruin(path: Path, which: range) -> None:
    """Overwrite the packets numbered `which`; the container around them stays whole."""
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    data = path.read_bytes()
    for index in which:
        assert data.count(packets[index]) == 1
        data = data.replace(packets[index], b"\xff" * len(packets[index]))
    path.write_bytes(data)


@pytest.mark.parametrize("name", CLIPS)
def test_a_real_clip_gives_every_frame_with_its_exact_timestamp_and_pixels(name: str) -> None:
    if not (MEDIA / name).exists():
        pytest.skip(f"the shared clip {name} is not here")
    with av.open(str(MEDIA / name)) as container, opened(MEDIA / name) as source:
        for index, decoded in enumerate(container.decode(video=0)):
            frame = source.read()
            assert frame is not None
            assert (frame.index, frame.pts) == (index, decoded.pts * decoded.time_base)
            if index % 40 == 0:
                np.testing.assert_array_equal(
                    frame.i420.y, decoded.to_ndarray()[: decoded.height, : decoded.width]
                )
        assert source.read() is None
        assert source.read() is None
        assert source.warnings == []
        assert source.info.frame_count == index + 1


def test_a_file_says_what_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", steady(5))
    with opened(path) as source:
        info = source.info
        assert (info.width, info.height, info.rate, info.live) == (64, 48, 25, False)
        assert (info.kind, info.origin, info.frame_count, info.sample_aspect) == ("video", path, 5, 1)
        assert info.time_base == BASE
        assert info.read_timeout > 0


@pytest.mark.parametrize(("suffix", "announced"), [("mkv", 15_011), ("flv", 15_011), ("mp4", 20)])
def test_of_a_film_with_a_pause_as_many_pictures_are_announced_as_come(
    tmp_path: Path, suffix: str, announced: int
) -> None:
    """Matroska and FLV say how long they are and at which rate, MP4 how many pictures it has."""
    places = [*range(10), *range(15_001, 15_011)]
    with opened(write_film(tmp_path / f"a.{suffix}", greys(range(20)), places, bf="0")) as source:
        assert source.info.frame_count == pytest.approx(announced, abs=1)
        assert len(list(iter(source.read, None))) == 20
        assert source.info.frame_count == pytest.approx(20, abs=1)


@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_a_variable_rate_is_kept_tick_by_tick(tmp_path: Path, suffix: str) -> None:
    ticks = [0, 1, 3003, 3004, 45_007, 45_600, 200_001, 200_002, 203_005, 290_000]
    assert seconds(write(tmp_path / f"vfr.{suffix}", ticks)) == [tick * BASE for tick in ticks]


def test_a_file_that_starts_late_keeps_its_start(tmp_path: Path) -> None:
    ticks = [90_000 + 3600 * index for index in range(5)]
    assert seconds(write(tmp_path / "late.mkv", ticks)) == [1 + Fraction(index, 25) for index in range(5)]


def test_reordered_frames_come_in_order_and_none_is_lost_at_the_end(tmp_path: Path) -> None:
    path = write(tmp_path / "b.mp4", steady(40), bf="3", x264opts="b-adapt=0:bframes=3")
    for threads in (1, 4):
        with opened(path, VideoOptions(threads=threads)) as source:
            frames = all_frames(source)
            assert [frame.pts for frame in frames] == [tick * BASE for tick in steady(40)]
            light = [float(frame.i420.y.mean()) for frame in frames]
            assert light == sorted(light)


@pytest.mark.parametrize("suffix", ["ts", "mpg"])
def test_the_arbitrary_clock_of_a_transport_or_program_stream_starts_at_zero(
    tmp_path: Path, suffix: str
) -> None:
    codec = {"ts": "libx264", "mpg": "mpeg2video"}[suffix]
    ticks = [90_000 * 5000 + tick for tick in steady(20)]
    path = write(tmp_path / f"a.{suffix}", ticks, codec=codec)
    with av.open(str(path)) as container:
        assert container.start_time > 1000
    assert seconds(path) == [Fraction(index, 25) for index in range(20)]


def test_a_stream_without_timestamps_gets_those_of_its_rate(tmp_path: Path) -> None:
    path = write(tmp_path / "raw.h264", steady(20))
    assert seconds(path) == [Fraction(index, 25) for index in range(20)]


def test_joined_recordings_go_on_in_time(tmp_path: Path) -> None:
    path = write(tmp_path / "one.ts", steady(60))
    path.write_bytes(path.read_bytes() * 2)
    with opened(path) as source:
        times = [frame.pts for frame in all_frames(source)]
        assert len(times) == 120
        steps = {late - early for early, late in itertools.pairwise(times)}
        assert steps == {Fraction(1, 25)}
        assert source.adjusted_timestamps == 0
        assert any("jumps once" in warning for warning in source.warnings)


@pytest.mark.parametrize("suffix", ["mkv", "flv", "nut"])
def test_a_film_far_from_zero_begins_at_zero(tmp_path: Path, suffix: str) -> None:
    ticks = [3600 * 90_000 + tick for tick in steady(5)]
    path = write(tmp_path / f"late.{suffix}", ticks)
    assert seconds(path) == [Fraction(index, 25) for index in range(5)]
    with opened(path) as source:
        assert source.info.recording is not None
        assert source.info.recording.start == 3600
        assert source.length is None or source.length < 1
        assert source.info.frame_count is None or source.info.frame_count < 10


def test_a_size_that_changes_midway_is_letterboxed_to_the_first(tmp_path: Path) -> None:
    first = write(tmp_path / "wide.ts", steady(10), size=(96, 48))
    second = write(tmp_path / "tall.ts", [90_000 + tick for tick in steady(10)], size=(32, 64))
    path = tmp_path / "both.ts"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    with opened(path) as source:
        frames = all_frames(source)
        assert (source.info.width, source.info.height) == (96, 48)
    assert len(frames) == 20
    assert {frame.bgr.shape for frame in frames} == {(48, 96, 3)}
    assert frames[-1].bgr[:, 2].max() == 0
    assert frames[-1].bgr[:, 48].mean() > 20
    assert "pictures of 32x64 are fitted into 96x48, the size of the first" in source.warnings


def test_a_cover_picture_is_not_taken_for_the_video(tmp_path: Path) -> None:
    path = tmp_path / "cover.mkv"
    with av.open(str(path), "w") as out:
        cover = out.add_stream("mjpeg", rate=25)
        cover.width, cover.height, cover.pix_fmt = 320, 320, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        video = out.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        out.mux(cover.encode(noise(0, (320, 320))))
        for index in range(5):
            frame = noise(index)
            frame.pts, frame.time_base = index, Fraction(1, 25)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    with opened(path) as source:
        assert (source.info.width, source.info.height) == (64, 48)
        assert len(all_frames(source)) == 5


def test_of_several_videos_the_one_marked_as_default_is_read(tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as out:
        streams = [out.add_stream("libx264", rate=25) for _ in range(2)]
        for stream, size in zip(streams, [(32, 32), (64, 48)], strict=True):
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        streams[0].disposition = av.stream.Disposition(0)
        streams[1].disposition = av.stream.Disposition.default
        for index in range(4):
            for stream in streams:
                frame = noise(index, (stream.width, stream.height))
                frame.pts, frame.time_base = index, Fraction(1, 25)
                out.mux(stream.encode(frame))
        for stream in streams:
            out.mux(stream.encode(None))
    with opened(path) as source:
        assert source.info.width == 64
        assert len(all_frames(source)) == 4


@pytest.mark.parametrize("sound", [False, True])
def test_sound_beside_the_video_changes_nothing(tmp_path: Path, sound: bool) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = out.add_stream("aac", rate=48_000, layout="mono") if sound else None
        for index in range(10):
            frame = noise(index)
            frame.pts, frame.time_base = index, Fraction(1, 25)
            out.mux(video.encode(frame))
            if audio is not None:
                silence = av.AudioFrame.from_ndarray(np.zeros((1, 1920), np.float32), "fltp", "mono")
                silence.sample_rate, silence.pts = 48_000, 1920 * index
                out.mux(audio.encode(silence))
        out.mux(video.encode(None))
        if audio is not None:
            out.mux(audio.encode(None))
    assert seconds(path) == [Fraction(index, 25) for index in range(10)]


def test_of_a_tape_no_more_is_lost_than_what_is_damaged(tmp_path: Path) -> None:
    """FFmpeg ends there, unless it is asked to go on."""
    size, picture = (720, 576), 144_000
    path = write_film(tmp_path / "a.dv", greys(range(60), size), size=size, codec="dvvideo")
    data = bytearray(path.read_bytes())
    data[50 * picture : 50 * picture + 50_000] = bytes(50_000)
    path.write_bytes(data)
    with opened(path) as source:
        assert len(all_frames(source)) >= 59
        assert "damaged packets: 1; what could not be decoded was skipped" in source.warnings
    facts = read_movie(path)
    assert facts.frames >= 59
    assert (facts.damage, facts.damaged) == ("", 1)


def test_a_track_that_turns_up_midway_ends_no_film(tmp_path: Path) -> None:
    """As FFmpeg takes rubbish in a damaged FLV for one; PyAV knows the tracks of the beginning alone."""
    path = write(tmp_path / "a.flv", steady(200), bf="0")
    data, tag = path.read_bytes(), 13
    for _ in range(150):
        tag += 15 + int.from_bytes(data[tag + 1 : tag + 4], "big")
    sound = b"\x08\0\0\x08" + data[tag + 4 : tag + 11] + b"\x3frubbish" + b"\0\0\0\x13"
    path.write_bytes(data[:tag] + sound + data[tag:])
    assert len(seconds(path)) == 200
    assert read_movie(path).frames == 200


def test_damaged_packets_in_the_middle_are_skipped_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.avi", steady(30), codec="mjpeg", strict="unofficial")
    ruin(path, range(10, 13))
    with opened(path) as source:
        frames = all_frames(source)
        assert any("damaged packets: 3" in warning for warning in source.warnings)
    assert len(frames) == 27
    assert [frame.index for frame in frames] == list(range(27))
    assert frames[-1].pts == Fraction(29, 25)


@pytest.mark.parametrize(
    ("threads", "says"), [(1, "damaged pictures: 1;"), (2, "damaged pictures: at least 1;")]
)
def test_a_picture_that_was_made_up_in_part_is_told(tmp_path: Path, threads: int, says: str) -> None:
    """The decoder gives it as any other, and says so in a flag."""
    path = write(tmp_path / "a.avi", steady(30), codec="mpeg4", g="1", b="2000000")
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    half = len(packets[12]) // 2
    path.write_bytes(
        path.read_bytes().replace(packets[12], packets[12][:half] + b"\x5a" * (len(packets[12]) - half))
    )
    with opened(path, VideoOptions(threads=threads)) as source:
        assert len(all_frames(source)) == 30
        assert [warning for warning in source.warnings if says in warning]


def test_of_h265_all_that_leans_on_a_lost_picture_is_there_and_told(tmp_path: Path) -> None:
    """Its decoder keeps such pictures to itself, as far as the next key frame, where nobody asks for them."""
    params = {"x265-params": "log-level=error:keyint=100:bframes=0", "preset": "ultrafast"}
    path = write(tmp_path / "whole.mkv", steady(30), codec="libx265", **params)
    with av.open(str(path)) as container, av.open(str(tmp_path / "a.mkv"), "w") as out:
        copy = out.add_stream_from_template(container.streams.video[0])
        for number, packet in enumerate(packet for packet in container.demux(video=0) if packet.size):
            if number not in range(10, 13):
                packet.stream = copy
                out.mux(packet)
    with opened(tmp_path / "a.mkv") as source:
        assert len(all_frames(source)) == 27
        assert [warning for warning in source.warnings if "damaged pictures: " in warning]
        assert not [warning for warning in source.warnings if "cut short" in warning]


def test_pictures_missing_from_a_raw_stream_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h264", steady(60), bf="0", x264opts="keyint=100:scenecut=0")
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0)]
    path.write_bytes(b"".join(packets[:20] + packets[23:]))
    with opened(path) as source:
        assert len(all_frames(source)) == 57
        assert source.warnings == ["missing pictures: at least 3; what leans on them was made up"]


@pytest.mark.parametrize(
    ("later", "shape", "inner"),
    [((64, 48), Fraction(4, 3), Rectangle(0, 6, 64, 36)), ((64, 36), Fraction(3, 4), None)],
)
def test_pixels_that_change_their_shape_midway_are_fitted_and_told(
    later: tuple[int, int], shape: Fraction, inner: Rectangle | None, tmp_path: Path
) -> None:
    with av.open(str(tmp_path / "a.ts"), "w") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for half, (size, own) in enumerate((((64, 48), Fraction(1)), (later, shape))):
            encoder = av.VideoCodecContext.create("libx264", "w")
            encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
            encoder.time_base, encoder.framerate, encoder.max_b_frames = Fraction(1, 25), Fraction(25), 2
            encoder.sample_aspect_ratio = own
            frames = [noise(0, size) for _ in range(10)]
            for index, frame in enumerate(frames):
                frame.pts, frame.time_base = 10 * half + index, Fraction(1, 25)
            for packet in [one for frame in (*frames, None) for one in encoder.encode(frame)]:
                packet.stream, packet.time_base = stream, Fraction(1, 25)
                out.mux(packet)
    with opened(tmp_path / "a.ts") as source:
        inners = [frame.picture.inner for frame in all_frames(source)]
        assert inners == [None] * 10 + [inner] * 10
        said = f"the shape of pixels changes from 1:1 to {shape.numerator}:{shape.denominator}; pictures are fitted"
        assert [warning for warning in source.warnings if warning.startswith(said)]


def test_damage_without_an_end_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.avi", steady(400), codec="mjpeg", strict="unofficial", size=(16, 16))
    ruin(path, range(10, 400))
    with opened(path) as source, pytest.raises(SourceError, match="in a row could not be decoded"):
        all_frames(source)


@pytest.mark.parametrize(
    ("name", "container"),
    [
        ("a.mp4", FRAGMENTED),
        ("faststart.mp4", {"movflags": "faststart"}),
        ("a.mkv", None),
        ("live.mkv", {"live": "1"}),
        ("a.ts", None),
        ("a.avi", None),
        ("a.flv", None),
    ],
)
def test_of_a_recording_cut_short_all_that_is_there_is_read(tmp_path: Path, name: str, container) -> None:
    path = write(tmp_path / name, steady(40), container=container, bf="0")
    whole = len(path.read_bytes())
    with opened(path) as source:
        assert len(all_frames(source)) == 40
        assert source.warnings == []
    with opened(cut(path, 0.6)) as source:
        frames = all_frames(source)
        assert 15 <= len(frames) < 40
        assert any("cut short" in warning for warning in source.warnings)
    assert path.stat().st_size < whole


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mkv", "libx264"), ("a.flv", "libx264"), ("a.mpg", "mpeg2video")]
)
def test_of_a_recording_damaged_within_it_is_said_that_pictures_are_missing(
    tmp_path: Path, name: str, codec: str
) -> None:
    """FFmpeg goes on behind the next piece that it knows, or ends, and says nothing."""
    path = write(tmp_path / name, steady(120), codec=codec, bf="0")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 9000] = b"\x5a" * 9000
    path.write_bytes(data)
    with opened(path) as source:
        assert 0 < len(all_frames(source)) < 120
        assert "the recording is damaged within; what could not be read is missing" in source.warnings


def test_a_file_that_grows_while_it_is_read_is_told(tmp_path: Path) -> None:
    """As one that is still recorded: nothing in a stream of Matroska says that more is to come."""
    data = write(tmp_path / "whole.mkv", steady(40), container={"live": "1"}).read_bytes()
    growing = tmp_path / "a.mkv"
    growing.write_bytes(data)
    with opened(growing) as source:
        source.read()
        with growing.open("ab") as file:
            file.write(b"\0" * 10)
        while source.read() is not None:
            pass
        assert "the file grew while it was read; what came later may be missing" in source.warnings


def test_a_file_that_loses_its_end_while_it_is_read_is_told(tmp_path: Path) -> None:
    film = write(tmp_path / "a.mkv", steady(400))
    with opened(film) as source:
        source.read()
        os.truncate(film, film.stat().st_size // 2)
        count = sum(1 for _ in iter(source.read, None))
        assert 0 < count < 399
        assert any(line.startswith("the file became shorter while it was read") for line in source.warnings)


def test_a_file_that_is_taken_away_while_it_is_read_is_read_to_its_end(tmp_path: Path) -> None:
    film = write(tmp_path / "a.mkv", steady(40))
    with opened(film) as source:
        film.unlink()
        assert sum(1 for _ in iter(source.read, None)) == 40
        assert source.warnings == []


def test_a_file_with_a_name_like_a_protocol_is_opened_as_a_file(tmp_path: Path) -> None:
    plain = write(tmp_path / "a.mp4", steady(3))
    odd = plain.rename(tmp_path / "http:take 1 %03d é.mp4")
    assert len(seconds(odd)) == 3


def test_a_file_address_is_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "with space.mp4", steady(3))
    source = VideoSource(path.as_uri())
    assert (source.info.live, source.info.origin) == (False, path)
    assert len(all_frames(source)) == 3
    source.close()


def test_frames_are_stamped_with_the_clock_when_they_are_there(tmp_path: Path) -> None:
    now = iter(range(10_000))
    source = VideoSource(write(tmp_path / "a.mp4", steady(5)), clock=lambda: float(next(now)))
    stamps = [frame.captured_at for frame in all_frames(source)]
    assert stamps == sorted(set(stamps))
    source.close()


def test_nothing_is_read_after_close(tmp_path: Path) -> None:
    source = VideoSource(write(tmp_path / "a.mp4", steady(5)))
    assert source.read() is not None
    source.close()
    assert source.read() is None


def decoded_frames() -> list[av.VideoFrame]:
    return [thing for thing in gc.get_objects() if type(thing) is av.VideoFrame]


def test_decoded_frames_do_not_wait_for_the_garbage_collector(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", steady(40))
    gc.collect()
    before = decoded_frames()  # other tests may have left some to whatever keeps them
    gc.disable()
    try:
        with opened(path, VideoOptions(threads=1)) as source:
            assert len([frame.index for frame in iter(source.read, None)]) == 40
            alive = len(decoded_frames()) - len(before)
        assert 0 < alive < 4
    finally:
        gc.enable()


def test_no_frame_of_a_video_is_left_when_it_is_closed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", steady(5))
    gc.collect()
    before = decoded_frames()
    gc.disable()
    try:
        with opened(path, VideoOptions(threads=1)) as source:
            assert len([frame.index for frame in iter(source.read, None)]) == 5
        del source
        assert len(decoded_frames()) <= len(before)
    finally:
        gc.enable()

"""What a movie holds."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import add_video, greys, put_pictures, write_film

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.proof.movie_facts import SEGMENT, Segment, read_movie, read_tracks, steps_of
from streamdepth.sources import open_source


def with_sound(path: Path) -> Path:
    """A film with sound in another language."""
    with av.open(str(path), "w") as out:
        video, sound = add_video(out), out.add_stream("aac", rate=48000)
        sound.metadata["language"] = "deu"
        put_pictures(out, video, greys(range(10)))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        silence.sample_rate = 48000
        out.mux(sound.encode(silence))
        out.mux(sound.encode(None))
    return path


def test_frames_come_in_segments_with_every_timestamp(tmp_path: Path) -> None:
    places = [*range(SEGMENT), *range(SEGMENT + 7, SEGMENT + 12)]
    film = write_film(tmp_path / "a.mkv", greys([90] * len(places)), places)
    facts = read_movie(film)
    assert facts.frames == len(places)
    assert [segment.frames for segment in facts.segments] == [SEGMENT, 5]
    assert list(facts.times) == [Fraction(place, 25) for place in places]
    assert facts.segments[1].first == (SEGMENT + 7) * 40
    assert (facts.codec, facts.width, facts.height, facts.damage) == ("h264", 64, 48, "")


def test_a_film_with_a_file_attached_is_read(tmp_path: Path) -> None:
    """As depth films are, with their index, and films with a cover or fonts."""
    with av.open(str(tmp_path / "a.mkv"), "w") as out:
        out.add_attachment("index.json", "application/json", b"{}")
        put_pictures(out, add_video(out), greys(range(10)))
    facts = read_movie(tmp_path / "a.mkv")
    assert (facts.frames, facts.damage) == (10, "")
    assert [(track.kind, track.packets) for track in facts.tracks] == [("attachment", 1)]


def test_a_picture_behind_other_tracks_is_read_to_its_last_frame(tmp_path: Path) -> None:
    """Frames that a decoder holds back come when it is flushed."""
    with av.open(str(tmp_path / "a.mkv"), "w") as out:
        sound = out.add_stream("aac", rate=48000)
        video = add_video(out, bf="3")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        silence.sample_rate = 48000
        out.mux([*sound.encode(silence), *sound.encode(None)])
        put_pictures(out, video, greys(range(10)))
    assert read_movie(tmp_path / "a.mkv").frames == 10


def test_other_tracks_are_told_by_their_packets(tmp_path: Path) -> None:
    film = with_sound(tmp_path / "a.mp4")
    (sound,) = read_movie(film).tracks
    picture, others = read_tracks(film)
    assert others == (sound,)
    assert (sound.kind, sound.codec, sound.language, sound.words) == (
        "audio",
        "aac",
        "deu",
        "sound (aac, deu)",
    )
    assert sound.packets >= 4
    assert (picture.kind, picture.packets) == ("video", 10)


@pytest.mark.parametrize("suffix", [".mov", ".mkv"])
def test_of_a_source_whose_first_video_is_a_still_the_film_is_its_picture(
    suffix: str, tmp_path: Path
) -> None:
    """It is what a run renders; as phones write it, and as a cover is kept where it is no attachment."""
    film = tmp_path / f"a{suffix}"
    with av.open(str(film), "w") as out:
        still = out.add_stream("mjpeg", rate=25)
        still.width, still.height, still.pix_fmt = 32, 32, "yuvj420p"
        video = add_video(out)
        one = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "bgr24")
        out.mux([*still.encode(one), *still.encode(None)])
        put_pictures(out, video, greys(range(10)))
    picture, (other,) = read_tracks(film)
    assert (picture.codec, picture.packets, other.codec, other.packets) == ("h264", 10, "mjpeg", 1)
    with closing(open_source(str(film))) as source:
        assert (source.info.width, len(list(iter(source.read, None)))) == (64, picture.packets)


def test_what_is_no_movie_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing, match="there is no file"):
        read_movie(tmp_path / "nope.mp4")
    (tmp_path / "x.mp4").write_bytes(b"no film")
    with pytest.raises(SourceError, match="cannot be read as a movie"):
        read_movie(tmp_path / "x.mp4")
    with av.open(str(tmp_path / "s.wav"), "w") as out:
        sound = out.add_stream("pcm_s16le", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 80), np.int16), "s16", "mono")
        silence.sample_rate = 8000
        out.mux(sound.encode(silence))
    with pytest.raises(SourceError, match="has no picture"):
        read_tracks(tmp_path / "s.wav")


def test_steps_that_repeat_are_counted_and_give_the_times_back() -> None:
    times = [5, 6, 7, 10, 13, 14]
    steps = steps_of(times)
    assert steps == ((1, 2), (3, 2), (1, 1))
    assert list(Segment(5, steps, "").times) == times
    assert Segment(5, steps, "").frames == 6


def test_damage_of_a_picture_is_counted_as_one_thread_sees_it(tmp_path: Path) -> None:
    """With threads that share a frame the decoder of H.264 takes what it made up for read."""
    noise = np.random.default_rng(0).integers(0, 255, (10, 48, 64, 3), np.uint8)
    film = write_film(tmp_path / "a.mp4", noise)
    whole = film.read_bytes()
    with av.open(str(film)) as container:
        places = [(packet.pos or 0) + packet.size // 3 for packet in container.demux() if packet.size]
    counts = []
    for place in places:
        film.write_bytes(whole[:place] + b"\x5a" * 60 + whole[place + 60 :])
        with av.open(str(film)) as container:
            container.streams.video[0].codec_context.thread_count = 1
            counts.append(sum(frame.is_corrupt for frame in container.decode(video=0)))
        assert read_movie(film).damaged == counts[-1]
    assert any(counts)

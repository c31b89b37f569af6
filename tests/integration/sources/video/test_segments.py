"""A live playlist (HLS), whose pictures come seconds at a time, from a real server."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from films import add_video, greys, put_pictures, served, write_film

from streamdepth.errors import SourceError
from streamdepth.ffmpeg.containers import best_picture
from streamdepth.frames import Recording
from streamdepth.sinks.movie.containers import CONTAINERS
from streamdepth.sinks.movie.origin_tracks import OriginTracks
from streamdepth.sources.video import load
from streamdepth.sources.video.frame_reader import FrameReader
from streamdepth.sources.video.media import VideoOptions, open_media


def test_a_live_playlist_is_shown_at_its_own_pace_and_keeps_nobody_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "WINDOW", 0.2)
    write_film(tmp_path / "a.ts", greys(range(0, 240, 2)), g="12", bf="0", tune="zerolatency")
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:4.8,\na.ts\n"
    now, waits = [0.0], []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    def waits_for(name: str, text: str) -> list[float]:
        (tmp_path / name).write_text(text)
        waits.clear()
        with closing(open_media(f"{address}/{name}", VideoOptions(), lambda: now[0])) as media:
            reader = FrameReader(media, lambda: now[0], wait)
            for _ in range(10):
                with reader.load:
                    assert reader.next(5.0) is not None
            assert reader.load.share == (0.0 if waits else None)
            reader.close()
        return waits.copy()

    with served(tmp_path) as address:
        assert waits_for("live.m3u8", playlist) == pytest.approx([1 / 25] * 9, abs=0.001)
        assert waits_for("recorded.m3u8", f"{playlist}#EXT-X-ENDLIST\n") == []


QUALITIES = {"low": (64, 48, 300_000), "high": (128, 96, 900_000), "middle": (96, 72, 600_000)}


def written_qualities(folder: Path) -> None:
    """A playlist of four segments in each of three qualities, the lowest of which is named first."""
    master = "#EXTM3U\n"
    for name, (width, height, bits) in QUALITIES.items():
        playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n"
        for number in range(4):
            places = range(25 * number, 25 * number + 25)
            film = folder / f"{name}{number}.ts"
            pictures = greys(places, (width, height))
            write_film(film, pictures, places, size=(width, height), g="25", bf="0", tune="zerolatency")
            playlist += f"#EXTINF:1,\n{film.name}\n"
        (folder / f"{name}.m3u8").write_text(playlist)
        master += f"#EXT-X-STREAM-INF:BANDWIDTH={bits},RESOLUTION={width}x{height}\n{name}.m3u8\n"
    (folder / "master.m3u8").write_text(master)


def test_of_several_qualities_the_largest_is_shown_and_no_other_is_fetched(tmp_path: Path) -> None:
    asked: list[str] = []
    written_qualities(tmp_path)
    with served(tmp_path, asked=asked) as address:
        media = open_media(f"{address}/master.m3u8", VideoOptions(), lambda: 0.0)
        with closing(media):
            assert (media.stream.width, media.stream.height, media.live) == (128, 96, True)
            shown = (one for one in media.container.demux() if one.stream.index == media.stream.index)
            assert len([*islice(shown, 60)]) == 60
    assert "/high3.ts" in asked
    assert not {"/low3.ts", "/middle3.ts"} & {*asked}


@pytest.mark.parametrize("name", ["segment", "segment.jpg", "segment.php"])
def test_segments_need_not_be_called_as_films_are(tmp_path: Path, name: str) -> None:
    write_film(tmp_path / "a.ts", greys(range(0, 250, 10)), g="12", bf="0", tune="zerolatency").rename(
        tmp_path / name
    )
    (tmp_path / "a.m3u8").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{name}?n=1\n#EXT-X-ENDLIST\n"
    )
    with (
        served(tmp_path) as address,
        closing(open_media(f"{address}/a.m3u8", VideoOptions(), lambda: 0.0)) as media,
    ):
        assert sum(packet.size > 0 for packet in media.container.demux()) == 25


def test_a_playlist_of_the_web_does_not_lead_to_files_of_this_machine(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.ts", greys(range(0, 250, 10)), g="12", bf="0", tune="zerolatency")
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{film.as_uri()}\n#EXT-X-ENDLIST\n"
    (tmp_path / "a.m3u8").write_text(playlist)
    with served(tmp_path) as address, pytest.raises(SourceError):
        open_media(f"{address}/a.m3u8", VideoOptions(), lambda: 0.0)


def written_film_with_sound(folder: Path) -> None:
    """A playlist that ends, in two qualities of one segment, each with the same sound."""
    master = "#EXTM3U\n"
    for name, (width, height, bits) in list(QUALITIES.items())[:2]:
        with av.open(str(folder / f"{name}.ts"), "w") as out:
            video, sound = add_video(out, (width, height), g="25", bf="0"), out.add_stream("mp2", rate=48_000)
            put_pictures(out, video, greys(range(25), (width, height)))
            for number in range(42):
                silence = av.AudioFrame.from_ndarray(np.zeros((1, 2304), np.int16), "s16", "stereo")
                silence.sample_rate, silence.pts = 48_000, 1152 * number
                out.mux(sound.encode(silence))
            out.mux(sound.encode(None))
        (folder / f"{name}.m3u8").write_text(
            f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{name}.ts\n#EXT-X-ENDLIST\n"
        )
        master += f"#EXT-X-STREAM-INF:BANDWIDTH={bits},RESOLUTION={width}x{height}\n{name}.m3u8\n"
    (folder / "master.m3u8").write_text(master)


def test_sound_of_another_quality_is_no_further_track_of_a_film(tmp_path: Path) -> None:
    written_film_with_sound(tmp_path)
    with served(tmp_path) as address, av.open(str(tmp_path / "film.mkv"), "w") as movie:
        with closing(open_media(f"{address}/master.m3u8", VideoOptions(), lambda: 0.0)) as media:
            assert (media.stream.width, media.live) == (128, False)
            recording = Recording(media.address, media.name, media.stream.index, timeout=media.timeout)
        movie.add_stream("libx264", rate=25)
        with closing(OriginTracks(recording, movie, CONTAINERS[".mkv"])) as tracks:
            assert [stream.type for stream in movie.streams] == ["video", "audio"]
            assert tracks.warnings == []


def test_a_live_picture_larger_than_is_sent_on_is_not_chosen_where_there_is_a_smaller_one() -> None:
    def chosen(*sizes: tuple[int, int], duration: int | None = None) -> tuple[int, int] | None:
        videos = [
            SimpleNamespace(
                index=number,
                codec_context=SimpleNamespace(width=width, height=height),
                metadata={},
                disposition=0,
            )
            for number, (width, height) in enumerate(sizes)
        ]
        container = SimpleNamespace(
            format=SimpleNamespace(name="hls"), duration=duration, streams=SimpleNamespace(video=videos)
        )
        best = best_picture(container)  # type: ignore[arg-type]  # as far as it is asked
        return None if best is None else sizes[best.index]

    hd, large, largest = (1280, 720), (2560, 1440), (3840, 2160)
    assert chosen(hd, large, largest) == hd
    assert chosen(largest, large) == large
    assert chosen(hd, largest, large, duration=60_000_000) == largest
    assert chosen() is None

"""The disk, share or server of the source's recording fails while its other tracks are read."""

from __future__ import annotations

import errno
import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from films import add_video, greys, put_pictures, served

from streamdepth.errors import SourceError
from streamdepth.frames import DepthMap, Estimate, Rendered
from streamdepth.sinks.movie import origin_tracks
from streamdepth.sinks.movie.origin_tracks import readable
from streamdepth.sinks.movie.sink import MovieOptions, MovieSink
from streamdepth.sources.video.source import VideoSource

DEPTH = DepthMap(np.zeros((2, 2), np.float32))


class Failing:
    """A container that gives some packets and then fails with `error`."""

    def __init__(self, error: Exception, container: Any = None, packets: int = 1) -> None:
        self._error, self._container, self._packets = error, container, packets
        self.size = 1000
        self.format = av.ContainerFormat("mp4") if container is None else container.format
        self.is_closed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)

    def __enter__(self) -> Failing:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.is_closed = True
        self._container.close()

    def demux(self, *streams: Any) -> Iterator[Any]:
        if self._container is None:
            packet = av.Packet(b"sound")
            packet.dts = 7
            yield packet
        else:
            yield from itertools.islice(self._container.demux(*streams), self._packets)
        raise self._error


def lost() -> Exception:
    return av.error.OSError(errno.EIO, "Input/output error", "a.mp4")


def film(path: Path) -> Path:
    """Four seconds of grey pictures, and of a tone."""
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        video = add_video(container, rate=25, preset="ultrafast")
        sound = container.add_stream("aac", rate=48_000, layout="mono")
        put_pictures(container, video, greys(range(100)))
        wave = (np.sin(np.arange(4 * 48_000) / 10) * 8000).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(wave, "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
        container.mux([*sound.encode(frame), *sound.encode(None)])
    return path


def counts(path: Path) -> tuple[int, int]:
    """How many packets of the picture and of the sound can be read."""
    with av.open(str(path)) as container:
        kinds = [packet.stream.type for packet in container.demux() if packet.size]
    return kinds.count("video"), kinds.count("audio")


def fail_after(packets: int, monkeypatch: pytest.MonkeyPatch) -> list[Failing]:
    """Let the recording be lost after so many packets where it is read for its other tracks; what was opened."""
    whole: Callable[..., Any] = origin_tracks.open_container
    containers: list[Failing] = []

    def opened(*arguments: Any) -> Any:
        containers.append(Failing(lost(), whole(*arguments), packets))
        return containers[-1]

    monkeypatch.setattr(origin_tracks, "open_container", opened)
    return containers


def sink_of(source: VideoSource, path: Path) -> MovieSink:
    return MovieSink(path, source.info, options=MovieOptions(preset="ultrafast"))


def write_all(source: VideoSource, sink: MovieSink) -> None:
    for frame in iter(source.read, None):
        sink.write(Rendered(Estimate(frame, DEPTH, 0.0), frame.picture))


@pytest.mark.parametrize(
    "error", [lost(), av.error.ExitError(5, "Immediate exit"), av.error.HTTPServerError(5, "5XX")]
)
def test_what_is_lost_is_no_end(error: Exception) -> None:
    packets = readable(Failing(error), "a.mp4")
    assert next(packets).dts == 7
    with pytest.raises(SourceError, match=r"the sound of a\.mp4 cannot be read: .* \(check the disk"):
        next(packets)


def test_damage_in_the_middle_ends_the_sound_and_not_the_run() -> None:
    """The source meets it too, and says so."""
    assert [packet.dts for packet in readable(Failing(av.error.InvalidDataError(1, "damaged")), "a.mp4")] == [
        7
    ]


def test_sound_that_is_lost_midway_ends_the_run_with_a_part_that_plays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_after(60, monkeypatch)
    source = VideoSource(film(tmp_path / "film.mp4"))
    sink = sink_of(source, tmp_path / "depth.mp4")
    with pytest.raises(SourceError, match=r"the sound of .* cannot be read: input/output error"):
        write_all(source, sink)
    sink.close(complete=False)
    source.close()
    assert sink.kept == tmp_path / "depth.part.mp4"
    pictures, sounds = counts(sink.kept)
    assert 10 < pictures < 100
    assert sounds > 10
    assert not (tmp_path / "depth.mp4").exists()


def test_sound_that_is_lost_at_the_very_end_leaves_a_part_that_plays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    containers = fail_after(1000, monkeypatch)
    source = VideoSource(film(tmp_path / "film.mp4"))
    sink = sink_of(source, tmp_path / "depth.mp4")
    write_all(source, sink)
    source.close()
    with pytest.raises(SourceError, match="cannot be read"):
        sink.close()
    assert sink.kept == tmp_path / "depth.part.mp4"
    assert counts(sink.kept)[0] == 100
    assert len(containers) == 2
    assert all(container.is_closed for container in containers), "the recording stays open"
    (warning,) = sink.warnings
    assert warning.endswith("what may follow the last picture was left out")


def test_a_server_that_refuses_the_recording_at_the_end_costs_no_film(tmp_path: Path) -> None:
    """As one whose addresses hold for an hour: it is asked only whether anything follows the last picture."""
    film(tmp_path / "film.mp4")
    with served(tmp_path, times=2) as address:
        source = VideoSource(f"{address}/film.mp4")
        sink = sink_of(source, tmp_path / "depth.mp4")
        write_all(source, sink)
        source.close()
        sink.close()
    assert counts(tmp_path / "depth.mp4")[0] == 100
    assert counts(tmp_path / "depth.mp4")[1] > 180
    (warning,) = sink.warnings
    assert warning.endswith("what may follow the last picture was left out")

"""What of a film with many tracks is in each container: as it was, encoded anew, or named as left out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av.stream import Disposition
from films import add_video, greys, put_pictures

from streamdepth.frames import DepthMap, Estimate, Rendered
from streamdepth.sinks.movie.sink import MovieSink
from streamdepth.sources.excerpt import Excerpt
from streamdepth.sources.video.source import VideoSource

DEPTH = DepthMap(np.zeros((2, 2), np.float32))
RATE, SAMPLES = 25, 48_000
LINES = [(200, 700, "Hello there"), (1000, 800, "Second")]
FONT = bytes(range(256)) * 4
SOUNDS = [
    ("aac", "mono", "eng", ""),
    ("ac3", "5.1", "deu", "Surround"),
    ("flac", "stereo", "fra", "Comments"),
]
TEXTS = [("subrip", "fin", Disposition.forced), ("ass", "fao", Disposition(0))]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds with three sounds, two subtitles, two chapters, entries, a font and a cover."""
    path = tmp_path_factory.mktemp("films") / "film.mkv"
    options = {"avoid_negative_ts": "disabled", "default_mode": "passthrough"}
    with av.open(str(path), "w", options=options) as container:
        container.metadata.update({"title": "The Film", "date": "2024-05-06", "own": "Kept"})
        container.set_chapters([chapter(0, 900, "One"), chapter(900, 2000, "Two")])
        video = add_video(container, rate=RATE, preset="ultrafast")
        video.metadata["title"] = "Picture"
        sounds = [add_sound(container, *one) for one in SOUNDS]
        texts = [add_text(container, *one) for one in TEXTS]
        container.add_attachment("a.ttf", "application/x-truetype-font", FONT)
        container.add_attachment("cover.jpg", "image/jpeg", cover())
        put_pictures(container, video, greys(range(0, 200, 4)))
        for stream in sounds:
            container.mux(second_of_tone(stream))
        for stream in texts:
            container.mux(lines_of(stream))
    return path


def chapter(start: int, end: int, title: str) -> Any:
    return {
        "id": start,
        "start": start,
        "end": end,
        "time_base": Fraction(1, 1000),
        "metadata": {"title": title},
    }


def cover() -> bytes:
    return cv2.imencode(".jpg", np.full((16, 16, 3), 90, np.uint8))[1].tobytes()


def add_sound(container: Any, codec: str, layout: str, language: str, title: str) -> Any:
    stream = container.add_stream(codec, rate=SAMPLES, layout=layout)
    stream.metadata.update({"language": language, **({"title": title} if title else {})})
    stream.disposition = Disposition.default if layout == "5.1" else Disposition(0)
    return stream


def add_text(container: Any, codec: str, language: str, use: Disposition) -> Any:
    stream = container.add_stream(codec, time_base=Fraction(1, 1000))
    stream.metadata["language"], stream.disposition = language, use
    stream.codec_context.subtitle_header = HEADER
    return stream


HEADER = b"""[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, Alignment
Style: Default,Arial,16,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


def second_of_tone(stream: Any) -> list[Any]:
    channels = stream.codec_context.channels
    wave = (np.sin(np.arange(2 * SAMPLES) / 20) * 9000).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(
        np.repeat(wave, channels)[None], "s16", stream.codec_context.layout.name
    )
    frame.sample_rate, frame.pts, frame.time_base = SAMPLES, 0, Fraction(1, SAMPLES)
    return [*stream.encode(frame), *stream.encode(None)]


def lines_of(stream: Any) -> list[Any]:
    packets = []
    for number, (at, duration, text) in enumerate(LINES):
        data = text if stream.codec_context.name == "subrip" else f"{number},0,Default,,0,0,0,,{text}"
        packet = av.Packet(data.encode())
        packet.pts = packet.dts = at
        packet.duration, packet.time_base, packet.stream = duration, Fraction(1, 1000), stream
        packets.append(packet)
    return packets


def rendered(film: Path, out: Path) -> list[str]:
    """The warnings of the sink."""
    source = VideoSource(film)
    sink = MovieSink(out, source.info)
    for frame in iter(source.read, None):
        sink.write(Rendered(Estimate(frame, DEPTH, 0.0), frame.picture))
    source.close()
    sink.close()
    return sink.warnings


def told(path: Path) -> list[tuple[str, str, str | None, int]]:
    """(kind, codec, language, disposition) of each track but attachments, as ffprobe lists them."""
    with av.open(str(path)) as container:
        return [
            (
                one.type,
                one.codec_context.codec.canonical_name,
                one.metadata.get("language"),
                int(one.disposition),
            )
            for one in container.streams
            if one.type != "attachment"
        ]


def packets_in(path: Path) -> dict[int, list[tuple[Fraction, bytes]]]:
    """Time and content of each packet, by track, without the picture."""
    found: dict[int, list[tuple[Fraction, bytes]]] = {}
    with av.open(str(path)) as container:
        for packet in container.demux():
            if packet.size and packet.stream.index:
                at = Fraction(packet.pts or 0) * packet.time_base
                found.setdefault(packet.stream.index, []).append((at, bytes(packet)))
    return found


def test_into_matroska_everything_goes_as_it_is(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "depth.mkv"
    assert rendered(film, out) == []
    assert told(out) == told(film)
    assert packets_in(out) == packets_in(film)
    with av.open(str(out)) as after, av.open(str(film)) as before:
        assert {"title": "The Film", "DATE": "2024-05-06", "OWN": "Kept"}.items() <= after.metadata.items()
        assert [one["metadata"] for one in after.chapters()] == [{"title": "One"}, {"title": "Two"}]
        assert [(one["start"], one["end"]) for one in after.chapters()] == [
            (one["start"], one["end"]) for one in before.chapters()
        ]
        (font,) = [one for one in after.streams if one.type == "attachment"]
        assert (font.name, font.mimetype, font.data) == ("a.ttf", "application/x-truetype-font", FONT)
        # FFmpeg reads the last packet of AAC as if it were whole.
        assert after.duration == pytest.approx(before.duration, abs=1024 / SAMPLES * av.time_base)
        assert after.streams[2].codec_context.layout.name == "5.1(side)"
        assert [after.streams[n].metadata.get("title") for n in range(4)] == [
            "Picture",
            None,
            "Surround",
            "Comments",
        ]


@pytest.mark.parametrize(
    ("suffix", "sounds", "text", "copied"),
    [
        (".mp4", ["aac", "ac3", "flac"], "mov_text", [1, 2, 3]),
        (".mov", ["aac", "ac3", "aac"], "mov_text", [1, 2]),
        (".webm", ["opus", "opus", "opus"], "webvtt", []),
    ],
)
def test_elsewhere_each_track_is_there_and_what_changed_is_said(
    suffix: str, sounds: list[str], text: str, copied: list[int], film: Path, tmp_path: Path
) -> None:
    out = tmp_path / f"depth{suffix}"
    warnings = rendered(film, out)
    tracks = told(out)
    assert [codec for kind, codec, _, _ in tracks if kind == "audio"] == sounds
    assert [codec for kind, codec, _, _ in tracks if kind == "subtitle"] == [text, text]
    before, after = packets_in(film), packets_in(out)
    for number in copied:
        assert [data for _, data in after[number]] == [data for _, data in before[number]]
        for (at, _), (was, _) in zip(after[number], before[number], strict=True):
            assert abs(at - was) <= Fraction(1, 1000)
    with av.open(str(out)) as container:
        assert [one["metadata"]["title"] for one in container.chapters()] == ["One", "Two"]
        assert container.streams[2].disposition & Disposition.default
        assert not container.streams[1].disposition & Disposition.default
        assert [one.codec_context.channels for one in container.streams.audio] == [1, 6, 2]
    name = {".mp4": "MP4", ".mov": "MOV", ".webm": "WebM"}[suffix]
    assert warnings[0] == f"{name} has no place for all tracks; left out: an attachment, a cover picture"
    assert warnings[1].startswith(f"encoded anew for {name}: ")
    assert warnings[1].count(f"became {text}") == 2


def test_languages_and_uses_are_kept_or_named(film: Path, tmp_path: Path) -> None:
    languages = ["eng", "deu", "fra", "fin", "fao"]
    rendered(film, tmp_path / "depth.mp4")
    tracks = told(tmp_path / "depth.mp4")
    assert [language for _, _, language, _ in tracks[1:]] == languages
    assert tracks[4][3] & Disposition.forced
    warnings = rendered(film, tmp_path / "depth.mov")
    # QuickTime's list has German by another code of ISO 639-2, and no Faroese that FFmpeg writes.
    assert [language for _, _, language, _ in told(tmp_path / "depth.mov")[1:]] == [
        "eng",
        "ger",
        "fra",
        "fin",
        None,
    ]
    assert warnings[-1] == "MOV has no place for what tracks say of themselves: forced, language fao"


@pytest.mark.parametrize("suffix", [".mkv", ".webm"])
def test_sound_before_zero_does_not_move_the_film_in_matroska(suffix: str, tmp_path: Path) -> None:
    with av.open(str(tmp_path / "film.mp4"), "w") as container:
        video = add_video(container, rate=RATE, preset="ultrafast")
        sound = add_sound(container, "aac", "stereo", "eng", "")
        put_pictures(container, video, greys(range(0, 200, 4)))
        container.mux(second_of_tone(sound))
    with av.open(str(tmp_path / "film.mp4")) as container:
        assert min(packet.pts for packet in container.demux(audio=0) if packet.size) < 0
    rendered(tmp_path / "film.mp4", tmp_path / f"depth{suffix}")
    for kind in ("video", "audio"):
        with av.open(str(tmp_path / f"depth{suffix}")) as container:
            assert next(container.decode(**{kind: 0})).pts == 0


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".webm"])
def test_of_a_part_of_a_film_every_track_has_its_part(suffix: str, film: Path, tmp_path: Path) -> None:
    out = tmp_path / f"depth{suffix}"
    source = Excerpt(VideoSource(film), Fraction("0.61"), Fraction("1.4"))
    sink = MovieSink(out, source.info)
    for frame in iter(source.read, None):
        sink.write(Rendered(Estimate(frame, DEPTH, 0.0), frame.picture))
    source.close()
    sink.close()
    begin = Fraction("0.64")  # the first picture from 0.61 s on
    with av.open(str(out)) as container:
        assert [frame.time for frame in container.decode(video=0)] == pytest.approx(
            [n / RATE for n in range(19)], abs=0.001
        )
        chapters = [(float(one["start"] * one["time_base"]), one["metadata"]) for one in container.chapters()]
    assert chapters == [
        (0.0, {"title": "One"}),
        (pytest.approx(0.9 - float(begin), abs=0.001), {"title": "Two"}),
    ]
    for number in (1, 2, 3):
        with av.open(str(out)) as container:
            heard = [frame for frame in container.decode(container.streams[number]) if (frame.pts or 0) >= 0]
        assert float(heard[0].time or 0) < 0.1
        assert float(heard[-1].time or 0) == pytest.approx(float(Fraction("1.4") - begin), abs=0.12)
    with av.open(str(out)) as container:
        lines = [p for p in container.demux(container.streams[4]) if p.size > 2]
        spans = [(float(p.pts * p.time_base), float((p.pts + p.duration) * p.time_base)) for p in lines]
    # From 0.2 to 0.9 s and from 1.0 to 1.8 s of the film.
    expected = [(0.0, 0.9 - float(begin)), (1.0 - float(begin), 1.4 - float(begin))]
    assert np.allclose(spans, expected, atol=0.002)

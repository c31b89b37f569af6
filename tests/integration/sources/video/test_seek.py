"""Moving within a video: the picture that is wanted comes next, whatever lies between the key frames."""

from __future__ import annotations

import http.server
import threading
from contextlib import closing
from fractions import Fraction

import pytest
from films import greys, write_film

from streamdepth.errors import SourceError
from streamdepth.protocols import Seekable
from streamdepth.sources.video.source import VideoSource

RATE = 25
COUNT = 60


def film(path, *, codec="libx264", start=0, size=(64, 48), **options):
    """Sixty pictures, each of one grey that tells its number; key frames every 20."""
    levels = (20 + round(3.6 * index) for index in range(COUNT))
    places = range(start * RATE, start * RATE + COUNT)
    return write_film(path, greys(levels, size), places, size=size, codec=codec, rate=RATE, g="20", **options)


def number(frame):
    return round((float(frame.picture.bgr.mean()) - 20) / 3.6)


def at(source, seconds):
    source.seek(Fraction(seconds))
    return number(source.read())


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("plain.mp4", {"bf": "0"}),
        ("reordered.mp4", {"bf": "3", "x264-params": "open-gop=1"}),
        ("late.mp4", {"start": 3}),
        ("film.mkv", {}),
        ("broadcast.ts", {"start": 900}),
        ("old.avi", {"codec": "mpeg4"}),
    ],
)
def test_the_picture_that_is_wanted_comes_next_and_those_after_it_follow(tmp_path, name, options):
    with closing(VideoSource(film(tmp_path / name, **options))) as source:
        assert isinstance(source, Seekable)
        assert float(source.length) == pytest.approx(COUNT / RATE, abs=0.2)
        first = source.read()
        for wanted in (45, 18, 0, 19, 20):
            assert at(source, Fraction(wanted, RATE)) == pytest.approx(wanted, abs=1)
            following = source.read()
            assert number(following) == pytest.approx(wanted + 1, abs=1)  # greys are not quite kept
            assert following.pts - first.pts == pytest.approx(Fraction(wanted + 1, RATE), abs=0.002)


@pytest.mark.parametrize("start", [0, 3])
def test_who_moves_before_anything_was_read_finds_the_way_back(tmp_path, start):
    with closing(VideoSource(film(tmp_path / "film.mp4", start=start))) as source:
        for wanted in (45, 0, 18):
            assert at(source, Fraction(wanted, RATE)) == pytest.approx(wanted, abs=1)


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.ts", "film.avi"])
def test_past_the_end_comes_the_last_picture_and_then_the_end(tmp_path, name):
    with closing(VideoSource(film(tmp_path / name))) as source:
        source.read()
        for beyond in (2.4, 400):
            assert at(source, beyond) == COUNT - 1
            assert source.read() is None


def test_what_is_over_can_be_read_again_and_is_not_warned_of_twice(tmp_path):
    path = film(tmp_path / "film.ts")
    path.write_bytes(path.read_bytes()[:-3000])  # cut short
    with closing(VideoSource(path)) as source:
        whole = [number(frame) for frame in iter(source.read, None)]
        warnings = list(source.warnings)
        assert at(source, 0) == 0
        assert [number(frame) for frame in iter(source.read, None)] == whole[1:]
        assert source.warnings == warnings


def test_nothing_is_called_damaged_that_only_leans_on_what_was_skipped(tmp_path):
    path = film(tmp_path / "film.ts", bf="3", **{"x264-params": "open-gop=1"})
    with closing(VideoSource(path)) as source:
        source.read()
        at(source, 2)
        assert list(iter(source.read, None))
        assert source.warnings == []


class Server(http.server.ThreadingHTTPServer):
    """Gives one file whole; ranges are not its thing."""

    def __init__(self, content):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *arguments):
        pass


def test_an_address_that_has_no_way_back_says_so_and_is_read_on(tmp_path):
    content = film(tmp_path / "film.mkv", size=(1280, 960), codec="mjpeg").read_bytes()
    assert len(content) > 1_000_000
    with Server(content) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with closing(VideoSource(f"http://127.0.0.1:{server.server_port}/film.mkv")) as source:
            shown = [number(source.read()) for _ in range(40)]
            with pytest.raises(SourceError, match=r"cannot seek in http://127.0.0.1.*save it as a file"):
                source.seek(Fraction(0))
            shown += [number(source.read()) for _ in range(10)]
            assert len(set(shown)) == 50
            assert shown == sorted(shown)
        server.shutdown()
        thread.join(10)

"""Videos that tests write for themselves, what is in them, and a server that gives them out."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import numpy as np

SIZE = (64, 48)


def greys(levels: Iterable[int], size: tuple[int, int] = SIZE) -> Iterator[np.ndarray]:
    """(H, W, 3) pictures of one grey each."""
    return (np.full((*size[::-1], 3), level, np.uint8) for level in levels)


def add_video(
    container: Any,
    size: tuple[int, int] = SIZE,
    *,
    codec: str = "libx264",
    rate: Fraction | int = 25,
    **options: str,
) -> Any:
    """A video stream in 4:2:0, to which nothing is encoded yet."""
    stream = container.add_stream(codec, rate=rate, options=options)
    stream.width, stream.height = size
    stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    return stream


def put_pictures(
    container: Any, stream: Any, pictures: Iterable[np.ndarray], places: Iterable[int] | None = None
) -> None:
    """All pictures of a stream: one a frame, or at `places`, counted in frames."""
    rate = Fraction(stream.codec_context.framerate)
    for place, picture in enumerate(pictures) if places is None else zip(places, pictures, strict=True):
        frame = av.VideoFrame.from_ndarray(picture.astype(np.uint8), "bgr24")
        frame.pts, frame.time_base = place, 1 / rate
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def write_film(
    path: Path,
    pictures: Iterable[np.ndarray],
    places: Iterable[int] | None = None,
    *,
    size: tuple[int, int] = SIZE,
    container: dict[str, str] | None = None,
    **stream: Any,
) -> Path:
    """A video without any other track; returns its path."""
    with av.open(str(path), "w", options=container or {}) as out:
        put_pictures(out, add_video(out, size, **stream), pictures, places)
    return path


def packets_of(path: Path, kind: str, number: int = 0) -> list[tuple[Fraction, bytes]]:
    """When each packet of a stream is shown, and its bytes."""
    with av.open(str(path)) as container:
        stream = [stream for stream in container.streams if stream.type == kind][number]
        return [(Fraction(p.pts) * p.time_base, bytes(p)) for p in container.demux(stream) if p.size]


def content(path: Path) -> list[tuple[Any, ...]]:
    """Every packet of every track, with its times."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux() if packet.size]
        return sorted((p.stream_index, p.pts, p.dts or 0, p.duration, bytes(p)) for p in packets)


@contextmanager
def served(folder: Path, *, times: int | None = None, asked: list[str] | None = None) -> Iterator[str]:
    """The address of an HTTP server of `folder`; it refuses all from the request after `times` on, if that is told.

    The paths that it is asked for go to `asked`.
    """
    left = [times]

    class Handler(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.0" if times is None else "HTTP/1.1"

        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def do_GET(self) -> None:
            if asked is not None:
                asked.append(self.path)
            if left[0] is not None:
                left[0] -= 1
            if left[0] is not None and left[0] < 0:
                self.send_error(403)
            else:
                super().do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)

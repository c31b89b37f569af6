#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): a cover in a fragmented MP4 becomes a second film that nothing can decode.
#
# Guess:     a picture that is marked as attached_pic is the cover of an MP4, fragmented or not: it is kept beside the film, or
#            refused. FFmpeg's MP4 muxer keeps it as such in a file without fragments.
# Behaviour: with fragments there is a track of video for it, as long as the film, with a tag that stands for no codec; readers list
#            it as video of an unknown codec. If the index is written with the first fragment (delay_moov, and hybrid_fragmented
#            too), the cover itself is there as well, as it should be; if it is written before (empty_moov), it is lost.
# Seen:      plain                 h264, mjpeg (cover)
#            delay_moov            h264, unknown codec, mjpeg (cover)
#            hybrid_fragmented     h264, unknown codec, mjpeg (cover)
#            empty_moov            h264, unknown codec
#
# It matters since programs take the first or the best track of video, or refuse a file with one that they do not know.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet av==18.1.0
venv/bin/python - <<'PYTHON'
from fractions import Fraction

import av
from av.stream import Disposition

SIDE, PICTURES = 64, 50


def cover():
    """A grey JPEG."""
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width = encoder.height = SIDE
    encoder.pix_fmt, encoder.time_base = "yuvj420p", Fraction(1, 25)
    frame = av.VideoFrame(SIDE, SIDE, "yuvj420p")
    for plane in frame.planes:
        plane.update(bytes([128]) * plane.buffer_size)
    frame.pts = 0
    return encoder.encode(frame)[0]


def tracks(flags):
    """What is in a film with a cover: names of codecs, and whether it is marked as the cover."""
    options = {"movflags": flags} if flags else {}
    with av.open("film.mp4", "w", container_options=options) as container:
        film = container.add_stream("libx264", rate=25)
        picture = container.add_stream("mjpeg", rate=25)
        film.width = film.height = picture.width = picture.height = SIDE
        film.pix_fmt, picture.pix_fmt = "yuv420p", "yuvj420p"
        picture.disposition = Disposition.attached_pic
        packet = cover()
        packet.stream, packet.pts, packet.dts, packet.time_base = picture, 0, 0, Fraction(1, 25)
        container.mux(packet)
        for index in range(PICTURES):
            frame = av.VideoFrame(SIDE, SIDE, "yuv420p")
            frame.pts = index
            container.mux(film.encode(frame))
        container.mux(film.encode(None))
    with av.open("film.mp4") as container:
        assert all(stream.type == "video" for stream in container.streams)
        return [
            (
                stream.codec_context.name if stream.codec_context else "unknown codec",
                bool(stream.disposition & Disposition.attached_pic),
            )
            for stream in container.streams
        ]


FILM, PHANTOM, COVER = ("h264", False), ("unknown codec", False), ("mjpeg", True)
for flags, expected in (
    ("", [FILM, COVER]),
    ("frag_keyframe+delay_moov", [FILM, PHANTOM, COVER]),
    ("hybrid_fragmented", [FILM, PHANTOM, COVER]),
    ("frag_keyframe+empty_moov", [FILM, PHANTOM]),
):
    found = tracks(flags)
    print(f"{flags or 'plain'}: {', '.join(name + ' (cover)' * is_cover for name, is_cover in found)}")
    assert found == expected
PYTHON

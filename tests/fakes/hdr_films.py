"""Films in HDR10, with the screen that they were made on and the light that they have."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame

from streamdepth.ffmpeg.mastering import mastering_of
from streamdepth.ffmpeg.planes import words_of
from streamdepth.pixels import Mastering

SAID = Mastering((34000, 16000, 13250, 34500, 7500, 3000, 15635, 16450, 1, 10_000_000), (1000, 400))
_X265 = (
    "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400:"
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
)


def film_in_hdr10(path: Path, count: int) -> Path:
    """Noise, 160x120, five pictures a second, which says `SAID`."""
    with av.open(str(path), "w") as out:
        options = {"preset": "ultrafast", "x265-params": _X265}
        stream = out.add_stream("libx265", rate=5, options=options)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 9, 16, 9, 1
        context.time_base = Fraction(1, 5)
        for index in range(count):
            frame = VideoFrame(160, 120, "yuv420p10le")
            for plane in frame.planes:
                words = words_of(plane)
                words[:] = np.random.default_rng(index).integers(300, 700, words.shape)
            frame.pts = index
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def said_by(path: Path) -> list[Mastering | None]:
    """What each picture of a film says, in its stream or in the film's header."""
    with av.open(str(path)) as container:
        return [mastering_of(frame) for frame in container.decode(video=0)]

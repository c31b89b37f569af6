"""Sessions that are made by hand: what a run would tell the recorder, picture by picture."""

from fractions import Fraction

import av
import numpy as np

from streamdepth.ffmpeg.picture_from_frame import PictureMaker
from streamdepth.frames import DepthMap, Estimate, Frame, Rendered, Sent, SentPacket, SourceInfo
from streamdepth.pixels import I420, ColourMatrix, Picture
from streamdepth.run.sessions.recording import source_to_json
from streamdepth.sessions.recorder import Recorder

SIZE = (64, 48)
SOURCE = SourceInfo(*SIZE, Fraction(25), live=True, read_timeout=1.0, kind="camera")
ABOUT = {"streamdepth": "1.0", "source": source_to_json(SOURCE), "network": None, "settings": {}}


class Clock:
    """Stands until it is set."""

    def __init__(self, now=100.0):
        self.now = now

    def __call__(self):
        return self.now


def noise(size=SIZE, seed=0, *, full_range=False):
    """A picture of noise, which only what is lossless gives back."""
    random, (width, height) = np.random.default_rng(seed), size
    y, u, v = (
        random.integers(16, 236, shape, np.uint8)
        for shape in ((height, width), *[((height + 1) // 2, (width + 1) // 2)] * 2)
    )
    return Picture.of_i420(I420(y, u, v, ColourMatrix.BT709, full_range))


def raw_frames(count, size=SIZE):
    """Frames of a webcam, 25 a second."""
    return [Frame(n, Fraction(n, 25), 100.0 + n / 25, noise(size, n)) for n in range(count)]


def sent_frames(count, size=SIZE, every=5):
    """Frames of a network camera in H.264, with a key frame `every` so many, and what they were decoded from."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(every), "keyint_min": "1"}
    decoder, frames, maker = av.CodecContext.create("h264", "r"), [], None
    decoder.flags |= av.codec.context.Flags.low_delay
    for n in range(count):
        picture = av.VideoFrame.from_ndarray(_moving(n, size), "gray").reformat(format="yuv420p")
        picture.pts = n
        packets = tuple(SentPacket(bytes(one), one.is_keyframe) for one in encoder.encode(picture))
        (decoded,) = [made for one in packets for made in decoder.decode(av.Packet(one.data))]
        maker = maker or PictureMaker(decoded)
        sent = Sent("h264", b"", packets)
        frames.append(Frame(n, Fraction(n, 25), 100.0 + n / 25, maker.make(decoded), sent=sent))
    return frames


def _moving(number, size):
    rows, columns = np.mgrid[: size[1], : size[0]]
    return ((rows * 3 + columns * 2 + number * 7) % 256).astype(np.uint8)


def depth_of(frame, size=(12, 8)):
    """Depth that is another for each picture."""
    values = np.random.default_rng(frame.index).normal(5, 2, size[::-1])
    return DepthMap(values.astype(np.float32))


def feed(recorder, clock, frames, dropped=(), depth_size=(12, 8)):
    """Tell of frames, each of which is worked on or, where its index is in `dropped`, left out."""
    for frame in frames:
        clock.now = frame.captured_at
        recorder.captured(frame, 0.002)
        if frame.index in dropped:
            recorder.dropped(frame, "superseded")
            continue
        clock.now += 0.01
        estimate = Estimate(frame, depth_of(frame, depth_size), 0.008)
        recorder.inferred(estimate)
        clock.now += 0.005
        recorder.written(Rendered(estimate, frame.picture), 0.001, 0.003)


def record(path, frames, dropped=(), about=ABOUT):
    """A whole session; returns what was said."""
    clock, said = Clock(), []
    recorder = Recorder(path, lambda: about, notify=said.append, clock=clock)
    feed(recorder, clock, frames, dropped)
    recorder.close()
    return said


def same_picture(one, other):
    """Whether two pictures have the same samples in the same layout."""
    a, b = one.native, other.native
    if not isinstance(a, I420):
        return bool((a == b).all())
    planes = zip((a.y, a.u, a.v), (b.y, b.u, b.v), strict=True)
    return (a.matrix, a.full_range) == (b.matrix, b.full_range) and all((x == y).all() for x, y in planes)


def without_end(path, length):
    """A copy of a file as a killed process leaves it."""
    cut = path.with_name(f"cut-{path.name}")
    cut.write_bytes(path.read_bytes()[:length])
    return cut

"""Sound that a movie's container does not take, encoded anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream

from streamdepth.sinks.movie.part import Part
from streamdepth.sinks.movie.track_names import ticks_of

SoundEncoder = Literal["aac", "flac", "libopus"]
_NAMES: dict[SoundEncoder, str] = {"aac": "AAC", "flac": "FLAC", "libopus": "Opus"}
_BITS_PER_CHANNEL = 96_000
"""Of what loses something."""
_RATES = {
    "aac": frozenset({8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000}),
    "libopus": frozenset({8000, 12000, 16000, 24000, 48000}),
}
_USUAL_RATE = 48_000
_USUAL_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""By number of channels: what FFmpeg takes sound for whose speakers are not named."""
_AAC_LAYOUTS = {
    *_USUAL_LAYOUTS.values(), "3.0", "3.0(back)", "quad", "3.1", "4.1", "6.0", "6.0(front)", "hexagonal", "6.1(back)",
    "6.1(front)", "7.0", "7.0(front)", "7.1(wide)", "7.1(wide-side)", "octagonal",
}  # fmt: skip
"""What FFmpeg's encoder takes, but for three that its decoder then cannot name."""
_VORBIS_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""Of Opus (RFC 7845, 5.1.1.2) and FLAC (RFC 9639, 9.1.3), by number of channels."""
_BY_OTHER_NAMES = {"quad(side)": "quad", "5.0(side)": "5.0", "5.1(side)": "5.1"}
"""The same sound at the back: AAC numbers these."""


class Transcoded:
    """Sound in another codec, of as many channels as there were, where it has a layout for them."""

    def __init__(
        self, stream: AudioStream, movie: OutputContainer, part: Part, encoder: SoundEncoder
    ) -> None:
        self._part = part
        self._origin = stream
        self._shift = ticks_of(part.shift, stream)
        given = stream.codec_context
        layout = layout_for(encoder, given.layout)
        self.warning = _mixing_warning(given.layout, layout, _NAMES[encoder])
        self.change = f"sound ({given.codec.canonical_name}) became {_NAMES[encoder]}"
        self.stream = movie.add_stream(encoder, rate=_rate_for(encoder, given.sample_rate), layout=layout)
        if encoder in _RATES:
            self.stream.codec_context.bit_rate = _BITS_PER_CHANNEL * self.stream.codec_context.channels
        self._resampler = self._new_resampler()
        self._kind: tuple[object, ...] = ()

    def packets(self, packet: Packet[Stream]) -> Iterable[Packet[Stream]]:
        """What the movie gets for a packet of the origin."""
        return self._encoded(self._decoded(packet))

    def flush(self) -> Iterable[Packet[Stream]]:
        """What is still to come once the origin has no more."""
        yield from self._encoded(self._decoded(None))
        yield from self._sent(self._resampler.resample(None))
        yield from self.stream.encode(None)

    def _decoded(self, packet: Packet[Stream] | None) -> list[AudioFrame]:
        try:
            return self._origin.decode(packet)
        except FFmpegError:
            # A player goes on after a damaged packet as well: the rest of the sound keeps its place in time.
            return []

    def _encoded(self, frames: Iterable[AudioFrame]) -> Iterator[Packet[Stream]]:
        for frame in frames:
            if frame.pts is not None:
                frame.pts -= self._shift
                if self._part.is_cut and frame.pts < 0:
                    continue
            yield from self._sent(self._resampled(frame))

    def _resampled(self, frame: AudioFrame) -> list[AudioFrame]:
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        rest: list[AudioFrame] = []
        if kind != self._kind:  # at the start, and where a broadcast turns from stereo to surround and back
            rest, self._resampler, self._kind = self._resampler.resample(None), self._new_resampler(), kind
        return rest + self._resampler.resample(frame)

    def _new_resampler(self) -> AudioResampler:
        context = self.stream.codec_context
        return AudioResampler(context.format, context.layout, context.sample_rate)

    def _sent(self, frames: Iterable[AudioFrame]) -> Iterator[Packet[Stream]]:
        for frame in frames:
            yield from self.stream.encode(frame)


def _rate_for(encoder: str, rate: int) -> int:
    return rate if rate in _RATES.get(encoder, {rate}) else _USUAL_RATE


def layout_for(encoder: str, given: AudioLayout) -> str:
    """The layout to encode: the given one, where speakers are not named the usual one of as many, else the most."""
    usual = _USUAL_LAYOUTS if encoder == "aac" else _VORBIS_LAYOUTS
    named = _AAC_LAYOUTS if encoder == "aac" else set(_VORBIS_LAYOUTS.values())
    name = _BY_OTHER_NAMES.get(given.name, given.name)
    return name if name in named else usual.get(given.nb_channels, usual[max(usual)])


def _mixing_warning(given: AudioLayout, layout: str, codec: str) -> str:
    if given.nb_channels <= max(_USUAL_LAYOUTS):
        return ""
    return f"sound of {given.nb_channels} channels ({given.name}) was mixed to {layout}: {codec} has no place for more"

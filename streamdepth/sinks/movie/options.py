"""How a movie is encoded, as far as the container leaves it open."""

from __future__ import annotations

from streamdepth.errors import UsageError
from streamdepth.machine import processors
from streamdepth.sinks.movie.codecs import CODECS, Codec, Wanted
from streamdepth.sinks.movie.containers import Container
from streamdepth.values import dataclass


@dataclass(frozen=True)
class MovieOptions:
    """What is wanted; None is what is usual for the container and the codec."""

    codec: str | None = None
    """A word of `CODECS`."""
    crf: int | None = None
    """Quality, 1 (best, largest) up to the codec's worst; H.264's 19 shows no loss on depth, 6 more halves the size."""
    preset: str | None = None
    """Time spent on a small file, in the codec's words."""
    threads: int | None = None
    """Encoder threads, 1 to 16. None: one a core, and live one for two cores; 4 at most."""

    def __post_init__(self) -> None:
        if self.threads is not None and not 1 <= self.threads <= 16:
            raise UsageError(f"{self.threads} encoder threads", "choose 1 to 16")

    def codec_for(self, container: Container) -> Codec:
        """The codec in that container; raises UsageError where it, its quality or its preset do not go together."""
        codec = CODECS[container.codec_word(self.codec)]
        codec.check(self.crf, self.preset)
        return codec

    def wanted(self, codec: Codec, *, live: bool) -> Wanted:
        """What an encoder is asked for on this machine.

        With one thread, drawing waits for encoding; that suits live, where the network needs the cores.
        """
        cores = processors()
        threads = self.threads or min(4, max(1, cores // 2 if live else cores))
        crf = codec.crf if self.crf is None else self.crf
        return Wanted(crf, self.preset or codec.preset, threads, live)

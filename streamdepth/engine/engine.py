"""The engine: turns pictures into depth with a network that is loaded in a runtime."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from streamdepth.engine.picture_input import Channels, Given, ReadPicture, as_picture
from streamdepth.engine.runtime import MOST_LANES, Batch, LanedRuntime, Runtime, SizedRuntime
from streamdepth.errors import ModelError
from streamdepth.frames import DepthMap
from streamdepth.models.input_sizes import USUAL_SIZE
from streamdepth.models.preprocess import network_size, prepare
from streamdepth.models.registry import ModelCard
from streamdepth.pixels import Picture


class Engine:
    """A `DepthEngine`: preparation, a runtime, a check. One thread at a time: the input buffer is used again."""

    def __init__(self, runtime: Runtime, card: ModelCard, sha256: str, size: int = USUAL_SIZE) -> None:
        self.runtime = runtime
        self.card = card
        self.sha256 = sha256
        """Of the weights file, in hexadecimal."""
        self.size = size
        self.read_picture: ReadPicture | None = None
        """Reads the image at a path, for `estimate`; `streamdepth.load_engine` sets it."""
        self._buffer: Batch | None = None
        self._warm_for: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        """Of the model: `midas-small`, `nano`, or the name of a network file."""
        return self.card.name

    @property
    def runtime_name(self) -> str:
        """As `--engine` calls it."""
        return self.runtime.name

    @property
    def precision(self) -> str:
        """As `--precision` calls it."""
        return self.runtime.precision

    @cached_property
    def lanes(self) -> tuple[Engine, ...]:
        """Engines with this network, each for a thread of its own: for a file, where only the rate counts.

        Together they give more pictures a second than this one, and each of them takes longer for one.
        """
        return self.lanes_of(MOST_LANES)

    def lanes_of(self, most: int) -> tuple[Engine, ...]:
        """As `lanes`, up to so many; with one for each thread that may work, each has one thread."""
        runtimes = self.runtime.lanes(most) if isinstance(self.runtime, LanedRuntime) else (self.runtime,)
        if len(runtimes) == 1:
            return (self,)
        return tuple(Engine(runtime, self.card, self.sha256, self.size) for runtime in runtimes)

    def resized(self, size: int) -> Engine:
        """This network with another `size`; both are for the same thread, since they share the runtime."""
        return Engine(self.runtime, self.card, self.sha256, size)

    def input_size(self, width: int, height: int) -> tuple[int, int]:
        """(w, h) of the network's input for a picture of `width` x `height` pixels."""
        return network_size(self.card, width, height, self.size)

    def warm_up(self, width: int, height: int) -> None:
        """Compile what pictures of `width` x `height` pixels need, so that the first one is not late."""
        size = columns, rows = self.input_size(width, height)
        if size != self._warm_for:  # as with films of one size, one after the other
            self.runtime.infer(np.zeros((1, 3, rows, columns), np.float32))
            self._warm_for = size

    def start_over(self) -> None:
        """Let what comes now give what it would give a network that was just loaded, whatever came before."""
        for engine in (self, *self.lanes):
            if isinstance(engine.runtime, SizedRuntime):
                engine.runtime.start_over()
                engine._warm_for = None  # the size that comes first is computed otherwise

    def estimate(self, image: Given, channels: Channels = "bgr") -> DepthMap:
        """Depth of a picture: an (H, W, 3) uint8 array, a picture of Pillow, the path of an image, or a `Picture`.

        `channels` says in which order an array has them: `bgr` is that of OpenCV, and `rgb` that of most others. The
        depth is (h, w) float32, finite, in the size of the network's input. Raises `UsageError` for anything but such a
        picture, `SourceError` where the file cannot be read, and `ModelError` where the network gives no numbers.
        """
        return self.estimate_picture(as_picture(image, channels, self.read_picture))

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """`estimate` of a `Picture`, without its bars; of planes no BGR larger than the network's input is made."""
        values = self.runtime.infer(self.prepare(picture))[0]
        if not np.isfinite(values).all():
            raise ModelError(
                f"{self.name} gives values that are not finite on {self.runtime_name} in {self.precision}",
                "use --precision fp32, another --engine, or other weights",
            )
        return DepthMap(values, self.card.meaning)

    def prepare(self, picture: Picture) -> Batch:
        """The network's input for what is inside the bars of a picture, valid until the next call."""
        content = picture.content
        card, size = self.card, self.input_size(content.width, content.height)
        self._buffer = prepare(content, size, card.mean, card.std, card.resampling, self._buffer)
        return self._buffer

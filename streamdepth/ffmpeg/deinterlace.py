"""Frames of two fields, half a frame apart in time, made into pictures of one moment."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame

from streamdepth.ffmpeg.rationals import fraction_of
from streamdepth.frames import CLOCK_TICK

_FILTER = ("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
"""One picture a frame; frames of a mixed recording that are whole pass as they are."""


class _Times(NamedTuple):
    pts: int | None
    dts: int | None
    duration: int
    time_base: Fraction


class Deinterlacer:
    """Passes the frames of one stream on, in order, with their own times; those of two fields as pictures.

    Until the first frame of two fields nothing is held; from then on each comes out when the next one is there, which
    shows what moved.
    """

    def __init__(self) -> None:
        self.works = False
        """Whether there was a frame of two fields."""
        self._graph: Graph | None = None
        self._kind: tuple[int, int, str] | None = None
        self._waiting: deque[_Times] = deque()

    def push(self, frame: VideoFrame) -> Iterator[VideoFrame]:
        """What there is to show once `frame` has come."""
        self.works = self.works or frame.interlaced_frame
        if not self.works:
            yield frame
            return
        kind = (frame.width, frame.height, frame.format.name)
        if kind != self._kind:
            yield from self.flush()
            self._graph, self._kind = _graph_for(frame), kind
        assert self._graph is not None
        unit = fraction_of(frame.time_base) or CLOCK_TICK
        self._waiting.append(_Times(frame.pts, frame.dts, frame.duration, unit))
        self._graph.push(frame)
        yield from self._pulled(self._graph)

    def flush(self) -> Iterator[VideoFrame]:
        """The rest, at the end of the stream."""
        graph, self._graph, self._kind = self._graph, None, None
        if graph is not None:
            graph.push(None)
            yield from self._pulled(graph)

    def _pulled(self, graph: Graph) -> Iterator[VideoFrame]:
        while self._waiting:
            try:
                frame = graph.pull()
            except (BlockingIOError, EOFError):
                return
            assert isinstance(frame, VideoFrame)
            # The filter counts in half ticks.
            frame.pts, frame.dts, frame.duration, frame.time_base = self._waiting.popleft()
            yield frame


def _graph_for(frame: VideoFrame) -> Graph:
    graph = Graph()
    source: FilterContext = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    filters = [source, graph.add(*_FILTER), graph.add("buffersink")]
    for one, following in itertools.pairwise(filters):
        one.link_to(following)
    graph.configure()
    return graph

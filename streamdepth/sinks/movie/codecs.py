"""The codecs of movies: what `--codec` names, with the quality and the presets that each has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from streamdepth.errors import UsageError
from streamdepth.machine import this_processor
from streamdepth.pixels import Mastering
from streamdepth.values import dataclass

_X26X_PRESETS = (
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
)
_PRORES = ("proxy", "lt", "standard", "hq")
_SLOW_VP9 = 5
"""Presets beyond it are for live pictures, and half as good as they are quick."""
PLAIN = "yuv420p"
"""The layout of planes that pictures have here."""
_LOOKAHEAD, _SHORT_LOOKAHEAD = 10, 5
"""Pictures; as many as x264's preset veryfast takes, or half."""
_AVX512 = "AVX-512"
_AVX2 = "asm=AVX2,FMA3,BMI2,LZCNT"
"""By AVX-512 x264's macroblock tree depends on what memory held before, but where widths are multiples of 128: the same
film came out otherwise each time (findings/x264-avx512-tree.sh). Without, it is no slower."""
_LARGE = 1920 * 1080
"""Pixels of a picture beyond which x264 looks ahead in no thread of its own: what waits for it takes much memory."""
_HUGE = 2560 * 1440
"""Pixels beyond which it looks ahead half as far: one of 3840x2160 takes 27 MB there (docs/benchmarks/clips.md)."""
_FEW_THREADS = 2
"""So many have no core to spare for such a thread, either."""


@dataclass(frozen=True)
class Wanted:
    """What an encoder is asked for."""

    crf: int
    preset: str
    threads: int
    live: bool
    """Whether each packet must be out at once: the file may be cut off at any moment."""
    pixels: int = 0
    """Of a picture."""
    mastering: Mastering | None = None
    """What HDR says of all its pictures."""


@dataclass(frozen=True)
class Codec:
    """One way to encode pictures."""

    name: str
    """As people know it."""
    encoder: Literal["libx264", "libx265", "libsvtav1", "libvpx-vp9", "prores_aw", "ffv1"]
    """FFmpeg's name of it."""
    options: Callable[[Wanted], dict[str, str]]
    """The options of the encoder."""
    presets: tuple[str, ...] = ()
    """Words for the time spent on a small file, or for the kind of file; empty where there is no choice."""
    preset: str = ""
    """The usual one of them."""
    worst: int = 0
    """The highest CRF; 0 where there is none, since the codec loses nothing or has another measure."""
    crf: int = 0
    """The usual one."""
    pixels: str = PLAIN
    """The layout of planes that is encoded."""
    deep: str = ""
    """The layout in which pictures of 10 bits keep these; empty where they become 8."""
    takes_mastering: bool = False
    """Whether it says what HDR says of all its pictures."""
    takes_odd_sizes: bool = False
    """Whether a picture may have an odd number of rows or columns."""
    copies_late: bool = False
    """Whether with whole pictures side by side the encoder reads a picture that it was given long before."""

    def check(self, crf: int | None, preset: str | None) -> None:
        """Raise UsageError for a quality or a preset that it does not have."""
        if crf is not None and not self.worst:
            raise UsageError(f"--crf {crf} does not go with {self.name}, which has no such scale", self._cure)
        if crf is not None and not 1 <= crf <= self.worst:
            raise UsageError(f"crf is {crf}", f"choose 1 (best) to {self.worst} (smallest) for {self.name}")
        if preset is not None and not self.presets:
            raise UsageError(f"{self.name} has no presets", "leave --preset out")
        if preset is not None and preset not in self.presets:
            raise UsageError(
                f"{self.name} has no preset {preset!r}", f"choose from {', '.join(self.presets)}"
            )

    @property
    def _cure(self) -> str:
        return f"leave it out{', or choose a --preset' if self.presets else ''}"


def _h264(wanted: Wanted) -> dict[str, str]:
    chosen = {"crf": str(wanted.crf), "preset": wanted.preset}
    if wanted.live:
        return chosen | {"tune": "zerolatency"}
    parameters = [_AVX2] if _AVX512 in this_processor().features else []
    if (
        wanted.preset == "superfast"
    ):  # which does not look ahead; it saves bits and time (docs/benchmarks/clips.md)
        ahead = _SHORT_LOOKAHEAD if wanted.pixels > _HUGE else _LOOKAHEAD
        parameters += ["mbtree=1", f"rc-lookahead={ahead}"]
        in_line = wanted.pixels > _LARGE or wanted.threads <= _FEW_THREADS
        parameters += ["sync-lookahead=0"] if in_line else []  # the same packets
    return chosen | ({"x264-params": ":".join(parameters)} if parameters else {})


def _h265(wanted: Wanted) -> dict[str, str]:
    # It has a pool of threads of its own, and would write its settings to standard error.
    parameters = f"log-level=error:open-gop=0:pools={wanted.threads}{_mastering(wanted.mastering)}"
    chosen = {"crf": str(wanted.crf), "preset": wanted.preset, "x265-params": parameters}
    return chosen | {"tune": "zerolatency"} if wanted.live else chosen


def _mastering(said: Mastering | None) -> str:
    """More parameters of x265."""
    more = ""
    if said is not None and said.display is not None:
        red, green, blue, white, light = zip(said.display[::2], said.display[1::2], strict=True)
        order = {"G": green, "B": blue, "R": red, "WP": white, "L": light[::-1]}
        more += ":master-display=" + "".join(f"{name}({x},{y})" for name, (x, y) in order.items())
    if said is not None and said.light is not None:
        more += ":max-cll={},{}".format(*said.light)
    return more


def _av1(wanted: Wanted) -> dict[str, str]:
    parameters = f"lp={wanted.threads}" + (":pred-struct=1:rtc=1" if wanted.live else "")
    return {"crf": str(wanted.crf), "preset": wanted.preset, "svtav1-params": parameters}


def _vp9(wanted: Wanted) -> dict[str, str]:
    deadline = "good" if int(wanted.preset) <= _SLOW_VP9 and not wanted.live else "realtime"
    chosen = {
        "crf": str(wanted.crf),
        "b": "0",
        "cpu-used": wanted.preset,
        "row-mt": "1",
        "deadline": deadline,
    }
    return chosen | {"lag-in-frames": "0"} if wanted.live else chosen


def _prores(wanted: Wanted) -> dict[str, str]:
    return {"profile": str(_PRORES.index(wanted.preset))}


def _ffv1(wanted: Wanted) -> dict[str, str]:
    # Version 3 has slices with checksums, which several threads encode; each picture by itself can be looked at.
    return {"level": "3", "g": "1", "slicecrc": "1"}


CODECS: Mapping[str, Codec] = {
    "h264": Codec("H.264", "libx264", _h264, _X26X_PRESETS, "superfast", worst=51, crf=19),
    "h265": Codec(
        "H.265",
        "libx265",
        _h265,
        _X26X_PRESETS,
        "ultrafast",
        worst=51,
        crf=22,
        deep="yuv420p10le",
        takes_mastering=True,
    ),
    "av1": Codec(
        "AV1", "libsvtav1", _av1, tuple(map(str, range(14))), "10", worst=63, crf=32, takes_odd_sizes=True
    ),
    "vp9": Codec(
        "VP9", "libvpx-vp9", _vp9, tuple(map(str, range(9))), "8", worst=63, crf=32, takes_odd_sizes=True
    ),
    "prores": Codec(
        "ProRes",
        "prores_aw",
        _prores,
        _PRORES,
        "standard",
        pixels="yuv422p10le",
        deep="yuv422p10le",
        copies_late=True,
    ),
    "ffv1": Codec("FFV1", "ffv1", _ffv1, deep="yuv420p10le", takes_odd_sizes=True, copies_late=True),
}
"""By their words on the command line."""


def codec_named(word: str) -> Codec:
    """The codec of a word; raises UsageError where there is none."""
    if word not in CODECS:
        raise UsageError(f"there is no codec {word!r}", f"choose from {', '.join(CODECS)}")
    return CODECS[word]

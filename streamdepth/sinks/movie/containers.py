"""The containers of movies, by suffix: how each is written, which codecs it takes, and what of a recording."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from streamdepth.errors import UsageError
from streamdepth.sinks.movie.clusters import Clusters
from streamdepth.sinks.movie.codecs import CODECS, codec_named
from streamdepth.sinks.movie.fragments import Fragments
from streamdepth.sinks.movie.languages import any_language, quicktime_language
from streamdepth.sinks.movie.writing import Writing
from streamdepth.values import dataclass

_PCM = frozenset({
    "pcm_s16be", "pcm_s16le", "pcm_s24be", "pcm_s24le", "pcm_s32be", "pcm_s32le", "pcm_f32be", "pcm_f32le",
    "pcm_f64be", "pcm_f64le", "pcm_alaw", "pcm_mulaw",
})  # fmt: skip
_MATROSKA_SOUND = frozenset({
    "aac", "ac3", "alac", "dts", "eac3", "flac", "mlp", "mp1", "mp2", "mp3", "opus", "pcm_f32le", "pcm_f64le",
    "pcm_s16be", "pcm_s16le", "pcm_s24be", "pcm_s24le", "pcm_s32be", "pcm_s32le", "pcm_u8", "truehd", "tta", "vorbis",
    "wavpack",
})  # fmt: skip
"""Not WMA, which FFmpeg would write, but says that it cannot."""
_MATROSKA_SUBTITLES = frozenset(
    {"ass", "ssa", "subrip", "text", "webvtt", "hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle"}
)


@dataclass(frozen=True)
class Container:
    """One kind of file."""

    name: str
    """As people know it."""
    muxer: str
    """FFmpeg's name of it."""
    writing: Writing
    """How it is written so that it plays at any moment."""
    codecs: tuple[str, ...]
    """Words of `--codec` for pictures; the first is the usual one."""
    copied: frozenset[str]
    """Codecs of sound and subtitles, by FFmpeg's names, that are kept as they are."""
    sound: Literal["aac", "flac", "libopus"]
    """What other sound becomes: FFmpeg's name of an encoder."""
    captions: Literal["mov_text", "subrip", "webvtt"]
    """What other subtitles in text become."""
    takes_attachments: bool = False
    """Whether fonts, covers and other files have a place."""
    takes_further_pictures: bool = False
    """Whether other video of the recording is kept beside its depth."""
    entries: frozenset[str] | None = None
    """Names of the entries about the film that have a place; None: any."""
    track_entries: frozenset[str] | None = None
    """The like for entries about a track."""
    language: Callable[[str], str | None] = any_language
    """How a language (ISO 639-2) is named; None where it has no place."""
    keeps_uses: bool = True
    """Whether it says which track is forced, a comment, for the deaf."""
    has_negative_times: bool = True
    """Whether a packet may lie before zero: sound is, which a decoder needs to begin well."""

    def codec_word(self, wanted: str | None) -> str:
        """The word of the codec to use; raises UsageError where it does not go with this container."""
        if wanted is None:
            return self.codecs[0]
        codec = codec_named(wanted)
        if wanted not in self.codecs:
            others = [suffix for suffix, one in CONTAINERS.items() if wanted in one.codecs]
            raise UsageError(
                f"{self.name} does not take {codec.name}",
                f"choose --codec {_either(self.codecs)}, or for {wanted} a name that ends in {_either(others)}",
            )
        return wanted


_MP4_ENTRIES = frozenset({
    "title", "artist", "album_artist", "composer", "album", "date", "creation_time", "comment", "genre", "copyright",
    "grouping", "lyrics", "description", "synopsis", "show", "episode_id", "network", "keywords", "episode_sort",
    "season_number", "media_type", "hd_video", "gapless_playback", "compilation", "track", "disc", "location",
    "location-eng",
})  # fmt: skip
"""What FFmpeg's muxer writes and players look for (seen in 8.1)."""
_MP4_TRACK_ENTRIES = frozenset({"language", "title", "handler_name", "name", "creation_time"})
_MP4 = Container(
    "MP4",
    "mp4",
    Fragments(),
    ("h264", "h265", "av1", "vp9"),
    # What players expect there; the muxer would take more (PCM, for one), but few could play it.
    frozenset({"aac", "ac3", "alac", "eac3", "flac", "mp3", "mov_text", "opus"}),
    "aac",
    "mov_text",
    entries=_MP4_ENTRIES,
    track_entries=_MP4_TRACK_ENTRIES,
)
_MOV = Container(
    "MOV",
    "mov",
    Fragments("use_metadata_tags"),
    ("h264", "h265", "prores"),
    frozenset({"aac", "ac3", "alac", "eac3", "mp3", "mov_text", *_PCM}),
    "aac",
    "mov_text",
    track_entries=_MP4_TRACK_ENTRIES,
    language=quicktime_language,
    keeps_uses=False,
)
_MATROSKA = Container(
    "Matroska",
    "matroska",
    Clusters(),
    ("h264", "h265", "av1", "vp9", "prores", "ffv1"),
    _MATROSKA_SOUND | _MATROSKA_SUBTITLES,
    "flac",
    "subrip",
    takes_attachments=True,
    takes_further_pictures=True,
    has_negative_times=False,
)
_WEBM = Container(
    "WebM",
    "webm",
    Clusters(),
    ("vp9", "av1"),
    frozenset({"opus", "vorbis", "webvtt"}),
    "libopus",
    "webvtt",
    has_negative_times=False,
)
CONTAINERS: Mapping[str, Container] = {".mp4": _MP4, ".mkv": _MATROSKA, ".mov": _MOV, ".webm": _WEBM}
"""By suffix, in lower case."""


def container_of(path: Path) -> Container | None:
    """What a path is, by its suffix; None where it is no movie."""
    return CONTAINERS.get(path.suffix.lower())


def check_encoding(path: Path | None, codec: str | None, crf: int | None, preset: str | None) -> None:
    """Raise UsageError where a movie of that name cannot be encoded so; a path that is no movie takes none of it."""
    container = None if path is None else container_of(path)
    if container is not None:
        CODECS[container.codec_word(codec)].check(crf, preset)
        return
    given = {"--codec": codec, "--crf": crf, "--preset": preset}
    for option, value in given.items():
        if value is not None:
            raise UsageError(
                f"{option} is for a movie, and there is none", f"add --output NAME{_either([*CONTAINERS])}"
            )


def _either(words: tuple[str, ...] | list[str]) -> str:
    """`h264, h265 or av1`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last

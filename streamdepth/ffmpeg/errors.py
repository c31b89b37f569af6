"""What FFmpeg says when a video cannot be opened or read, as our errors: one sentence and its cure."""

from __future__ import annotations

import errno
from pathlib import Path

import av.error

from streamdepth.addresses import escaping_cure, scheme_of
from streamdepth.connecting import UNREACHABLE
from streamdepth.errors import LoginNotSupported, SourceError, SourceMissing, SourceTimeout, Trouble
from streamdepth.ffmpeg.cut_short import is_cut_short, lacks_index
from streamdepth.ffmpeg.hosts import host_known, login_unknown_to_ffmpeg, tls_fails
from streamdepth.files import no_ordinary_file

_CONVERT = "convert it to H.264 in MP4 first, for example with ffmpeg"
_ANSWERS: tuple[tuple[type[Exception], type[SourceError], Trouble, str, str], ...] = (
    (
        av.error.HTTPUnauthorizedError,
        SourceError,
        Trouble.AUTHENTICATION,
        "{name} refuses the user name or password",
        "put both into the address, as in {scheme}://USER:PASSWORD@HOST/PATH",
    ),
    (
        av.error.HTTPForbiddenError,
        SourceError,
        Trouble.FORBIDDEN,
        "{name} refuses access",
        "check the address and what this user may see",
    ),
    (
        av.error.HTTPNotFoundError,
        SourceMissing,
        Trouble.NOT_FOUND,
        "the server has nothing at {name}",
        "check the part of the address after the host",
    ),
    (
        av.error.HTTPServerError,
        SourceError,
        Trouble.SERVER,
        "the server of {name} failed",
        "try again later, look into its log, and check that a camera allows one more viewer",
    ),
    (
        av.error.HTTPClientError,
        SourceError,
        Trouble.OTHER,
        "the server does not accept the request for {name}",
        "check the address, and that it allows one more viewer",
    ),
    (
        av.error.ConnectionRefusedError,
        SourceError,
        Trouble.REFUSED,
        "nothing listens at {name}: the connection was refused",
        "check the host and the port, and that the camera or server is on",
    ),
    (
        av.error.ConnectionResetError,
        SourceError,
        Trouble.BROKE_OFF,
        "{name} closed the connection",
        "check that it allows one more viewer",
    ),
    (
        av.error.ProtocolNotFoundError,
        SourceError,
        Trouble.KIND_OF_ADDRESS,
        "the address {name} is of a kind that cannot be read here",
        "use rtsp://, http:// or https://, which a media server such as MediaMTX gives of others, or name a file",
    ),
    (
        av.error.TimeoutError,
        SourceTimeout,
        Trouble.TIMEOUT,
        "{name} does not answer",
        "check the host and the port, and that no firewall is between",
    ),
    (
        av.error.FileNotFoundError,
        SourceMissing,
        Trouble.NOT_FOUND,
        "there is nothing at {name}",
        "check the path or the address",
    ),
    (
        av.error.PermissionError,
        SourceError,
        Trouble.FORBIDDEN,
        "{name} may not be read: permission denied",
        "check the permissions of the file and its folder",
    ),
)
_STATUSES: dict[int, type[Exception]] = {
    401: av.error.HTTPUnauthorizedError,
    403: av.error.HTTPForbiddenError,
    404: av.error.HTTPNotFoundError,
}


def check_file(path: Path, name: str) -> None:
    """Refuse what cannot be a video before FFmpeg sees it.

    Raises SourceMissing where there is no such file, and SourceError for a folder, a device or an empty file.
    """
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise SourceMissing(
            f"there is no file {name}", "check the path; quote it where it holds spaces"
        ) from error
    except (OSError, ValueError) as error:
        raise SourceError(f"{name} cannot be read: {error}", "check the path and its permissions") from error
    if path.is_dir():
        raise SourceError(f"{name} is a folder, not a video", "name a video file in it")
    if not path.is_file():
        raise no_ordinary_file(path)
    if status.st_size == 0:
        raise SourceError(f"{name} is empty (0 bytes)", "copy or record it again")


def cannot_open(error: av.error.FFmpegError, name: str, path: Path | None, address: str = "") -> SourceError:
    """Our error for what FFmpeg said on opening a file at `path` or an address. `error` loses its secrets too."""
    _scrub(error, name)
    if isinstance(error, av.error.HTTPUnauthorizedError) and (hashed := login_unknown_to_ffmpeg(address)):
        return _login_not_supported(name, hashed)
    if known := _known(type(error), name, address):
        return known
    if path is None:
        return _address_failed(error, name, address)
    return _file_failed(error, name, path)


def _login_not_supported(name: str, hashed: str) -> LoginNotSupported:
    what = f"{name} takes a login by Digest with {hashed} alone, which is not supported for streams"
    cure = "allow Digest with MD5, or Basic, in the settings of the camera"
    return LoginNotSupported(what, cure, Trouble.AUTHENTICATION)


def answered(status: int, name: str, address: str) -> SourceError:
    """Our error for an answer over HTTP that is none of FFmpeg's: the same as if it had asked."""
    kind = av.error.HTTPServerError if status >= 500 else _STATUSES.get(status, av.error.HTTPClientError)
    error = _known(kind, name, address)
    assert error is not None, "each of these kinds has its sentence"
    return error


def cannot_read(error: av.error.FFmpegError, name: str, *, live: bool, begun: bool) -> SourceError:
    """Our error for what FFmpeg said while reading an address. `error` loses its secrets too."""
    _scrub(error, name)
    if isinstance(error, av.error.ExitError | av.error.TimeoutError):
        return stalled(name, None, live=live, begun=begun)
    cure = "check the network and the camera"
    if not live:
        cure = "check the network; if its server cannot seek, download it first"
    return SourceError(f"{name} broke off: {said(error)}", cure, Trouble.BROKE_OFF)


def cannot_read_on(error: OSError | av.error.FFmpegError, name: str) -> SourceError:
    """The error of a file whose disk or share failed while it was read."""
    cure = "check the disk or share that it is on, then run again"
    reason = (error.strerror or type(error).__name__).lower()
    return SourceError(f"{name} cannot be read to its end: {reason}", cure, Trouble.BROKE_OFF)


def cannot_move(name: str) -> SourceError:
    """Another place of the video was wanted, and its container or its server has no way there."""
    return SourceError(f"cannot seek in {name}", "save it as a file, or remux it")


def stalled(name: str, path: Path | None, *, live: bool, begun: bool) -> SourceTimeout:
    """The error of an open source from which no picture comes any more, or has come at all; `path` as in `no_video`."""
    what = f"{name} sends no more pictures" if begun else f"{name} sends no pictures"
    cure = "check the disk"
    if path is None:
        cure = (
            "check the camera and the network" if live else "check the network and the server that it is on"
        )
    return SourceTimeout(what, cure, Trouble.SILENT)


def ended_at_once(name: str) -> SourceError:
    """The error of a live source that ends without having sent a picture."""
    return SourceError(
        f"{name} ended the stream before its first picture",
        "check the camera, and that it allows one more viewer",
        Trouble.ENDED,
    )


def no_keyframe(name: str) -> SourceTimeout:
    """The error of a live source that sends nothing a picture can begin with."""
    return SourceTimeout(
        f"{name} sends no keyframe",
        "have the camera send one every few seconds (its interval of keyframes, also called GOP or I-frames)",
        Trouble.SILENT,
    )


def no_answer(error: av.error.FFmpegError, name: str, seconds: float) -> SourceTimeout:
    """The error of a source that could not be opened in time. `error` loses its secrets too."""
    _scrub(error, name)
    return SourceTimeout(
        f"{name} did not answer within {seconds:g} s",
        "check the host and the port, and that the camera or server is on",
        Trouble.TIMEOUT,
    )


def no_video(name: str, path: Path | None, *, audio: bool) -> SourceError:
    """The error of a container without a video stream; `path` is None of an address."""
    cure = (
        "use one with a video track" if path is not None else "take another address of that camera or server"
    )
    if audio:
        return SourceError(f"{name} holds sound but no video", cure, Trouble.NO_VIDEO)
    if path is not None and is_cut_short(path):
        return _index_lost(name)
    return SourceError(f"{name} holds no video", cure, Trouble.NO_VIDEO)


def no_decoder(name: str) -> SourceError:
    """The error of a video in a codec that this FFmpeg does not know."""
    return SourceError(f"there is no decoder for the video in {name}", _CONVERT, Trouble.CODEC)


def nothing_decoded(name: str, *, cut_short: bool) -> SourceError:
    """The error of a video of which not one picture came out."""
    reason = "it was cut off before its first picture" if cut_short else "it is empty or damaged"
    return SourceError(
        f"{name} holds no picture that can be decoded: {reason}", "copy or record it again", Trouble.NO_VIDEO
    )


def animation_at_address(name: str) -> SourceError:
    """The error of an animation in WebP at an address, of which FFmpeg 8 reads nothing."""
    what = f"{name} is an animation in WebP, which is read from a file alone"
    return SourceError(
        what, "keep it, as with curl -o a.webp ADDRESS, and name --input a.webp", Trouble.CODEC
    )


def too_damaged(name: str, packets: int) -> SourceError:
    """The error of a video that goes on and on with nothing that can be decoded."""
    return SourceError(
        f"{packets} packets of {name} in a row could not be decoded",
        "copy or record it again, or " + _CONVERT,
        Trouble.CODEC,
    )


def cannot_read_again(error: av.error.FFmpegError, name: str) -> SourceError:
    """The error of a recording that was opened once and is not given again, to a sink for its other tracks."""
    _scrub(error, name)
    cure = "check the disk, share or server that it is on, then run again"
    return SourceError(f"the sound of {name} cannot be read: {said(error)}", cure, Trouble.BROKE_OFF)


def said(error: av.error.FFmpegError) -> str:
    """FFmpeg's own words, without the address."""
    return (error.strerror or type(error).__name__).lower()


def _known(kind: type[Exception], name: str, address: str) -> SourceError | None:
    """The sentence of a kind of error that has one."""
    escape = escaping_cure(address)
    for base, ours, trouble, what, general in _ANSWERS:
        if issubclass(kind, base):
            cure = general.format(scheme=scheme_of(address) or "rtsp")
            return ours(what.format(name=name), f"{cure}; {escape}" if escape else cure, trouble)
    return None


def _file_failed(error: av.error.FFmpegError, name: str, path: Path) -> SourceError:
    if _is_dash(name):
        return _dash(name)
    if not lacks_index(path) and is_cut_short(path):
        return SourceError(f"{name} was cut off before its first picture", "record or copy it again")
    if isinstance(error, av.error.EOFError):  # a Matroska head with nothing behind it
        return nothing_decoded(name, cut_short=False)
    if not isinstance(error, av.error.InvalidDataError):
        return SourceError(f"{name} cannot be opened: {said(error)}", "copy it again, or " + _CONVERT)
    if lacks_index(path):
        return _index_lost(name)
    return SourceError(
        f"{name} is not a video, or it is damaged", "check that it plays elsewhere; if so, " + _CONVERT
    )


def _index_lost(name: str) -> SourceError:
    return SourceError(
        f"{name} was cut off before it was complete: the index (moov) is missing",
        "record or copy it again; a repair tool may save what is there",
    )


def _is_dash(name: str) -> bool:
    return name.partition("?")[0].lower().endswith(".mpd")


def _dash(name: str) -> SourceError:
    """FFmpeg reads such playlists with a library for XML, which PyAV's wheels leave out."""
    cure = "name the HLS playlist beside it (.m3u8), or one of its films"
    return SourceError(f"{name} is a DASH playlist, which is not supported", cure, Trouble.NO_VIDEO)


def no_video_there(name: str) -> SourceError:
    """The error of an address at which there is something else, such as a page."""
    cure = "check the address"
    if scheme_of(name) == "rtsp":
        cure = "check the port, and whether the camera wants rtsps://"
    return SourceError(f"{name} answers, but not with a video or picture", cure, Trouble.NO_VIDEO)


def _address_failed(error: av.error.FFmpegError, name: str, address: str) -> SourceError:
    if isinstance(error, av.error.InvalidDataError) and _is_dash(name):
        return _dash(name)
    if isinstance(error, av.error.InvalidDataError | av.error.EOFError):
        return no_video_there(name)
    if error.errno in UNREACHABLE:
        return SourceError(
            f"the host of {name} cannot be reached", "check the network and the address", Trouble.UNREACHABLE
        )
    # FFmpeg reports an unknown host, and a secure connection that fails, as a bare input/output error.
    if error.errno == errno.EIO and not host_known(address):
        return SourceMissing(
            f"the host of {name} is not known",
            escaping_cure(address) or "check its spelling and the network",
            Trouble.UNKNOWN_HOST,
        )
    if tls_fails(address):
        return SourceError(
            f"{name} makes no secure connection",
            "use rtsp:// or http:// where the server has no TLS, else renew its certificate",
            Trouble.TLS,
        )
    return SourceError(
        f"{name} cannot be opened: {said(error)}",
        escaping_cure(address) or "check the address and the network",
    )


def _scrub(error: av.error.FFmpegError, name: str) -> None:
    """FFmpeg's error carries the address as given; a printed traceback must not show its password."""
    error.args = (*error.args[:2], name)

"""What arrives from viewers as SDP, judged before anything is built for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiortc import RTCIceCandidate, RTCRtpSender
from aiortc.codecs import CODECS
from aiortc.rtcpeerconnection import find_common_codecs
from aiortc.rtcrtpparameters import RTCRtpCodecCapability, RTCRtpCodecParameters
from aiortc.sdp import SessionDescription, candidate_from_sdp

from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.http.refusal import Refused
from streamdepth.values import dataclass

LONGEST_OFFER = 64 * 1024
"""Bytes; a browser's is 5 to 10 thousand."""
MOST_SECTIONS = 4
MOST_CANDIDATES = 64
PREFERRED = (VideoCodec.H264, VideoCodec.VP8)


@dataclass(frozen=True)
class Offer:
    """An offer that can be answered: cleaned SDP, and the codec to answer with."""

    sdp: str
    kind: VideoCodec


@dataclass(frozen=True)
class Trickle:
    """A fragment of SDP (RFC 8840): candidates that were found later."""

    ufrag: str
    candidates: tuple[RTCIceCandidate, ...]


def read_offer(text: str) -> Offer:
    """Check the offer of a viewer; raises `Refused` with 400 where it is none, 406 where no codec is common.

    It is read as `patient` leaves it.
    """
    return _read(text, ("recvonly", "sendrecv"), "does not ask to receive video")


def read_sending_offer(text: str) -> Offer:
    """Check the offer of a sender as `read_offer` does that of a viewer. It may have sound, in a codec of aiortc's."""
    return _read(text, ("sendonly", "sendrecv"), "does not send video")


def _read(text: str, directions: tuple[str, ...], lack: str) -> Offer:
    if not text.startswith("v=0"):
        raise Refused(400, "this is not an SDP offer")
    cleaned = patient(text)
    description = _parsed(cleaned)
    video = [media for media in description.media if media.kind == "video"]
    if len(video) != 1 or len(description.media) > MOST_SECTIONS:
        raise Refused(400, "an offer needs one video section, and few others")
    if video[0].direction not in directions:
        raise Refused(400, f"the offer {lack}")
    if video[0].dtls is None or not video[0].dtls.fingerprints:
        raise Refused(400, "the offer has no fingerprint")
    if video[0].ice is None or not video[0].ice.usernameFragment:
        raise Refused(400, "the offer has no ICE credentials")
    if not _bundle_is_sound(description):
        raise Refused(400, "the BUNDLE group of the offer begins with no section of it")
    if sum(len(media.ice_candidates) for media in description.media) > MOST_CANDIDATES:
        raise Refused(400, "the offer has too many candidates")
    for media in description.media:
        if media.kind == "audio" and not find_common_codecs(CODECS["audio"], media.rtp.codecs):
            raise Refused(406, "no common codec: send sound as Opus, or none")
    return Offer(_with_its_sender_active(cleaned), _common_kind(video[0].rtp.codecs))


def preferences(kind: VideoCodec) -> list[RTCRtpCodecCapability]:
    """The codecs to answer with, retransmission included."""
    wanted = {f"video/{kind.value}".lower(), "video/rtx"}
    codecs = RTCRtpSender.getCapabilities("video").codecs
    return [codec for codec in codecs if codec.mimeType.lower() in wanted]


def read_trickle(text: str) -> Trickle:
    """Check a fragment; raises `Refused` with 400 where it is none."""
    lines = [line.strip() for line in text.splitlines()]
    ufrags = [line.removeprefix("a=ice-ufrag:") for line in lines if line.startswith("a=ice-ufrag:")]
    if not ufrags:
        raise Refused(400, "the fragment names no ICE user")
    candidates = tuple(_candidates(lines))
    if len(candidates) > MOST_CANDIDATES:
        raise Refused(400, "the fragment has too many candidates")
    return Trickle(ufrags[0], candidates)


def patient(sdp: str) -> str:
    """A description of the other side, without what would make an ICE agent give up before the first packet.

    Blanks beside the semicolons of a codec's parameters are left out: RFC 6184 writes them, aiortc counts them to the
    names.

    Candidates that end in `.local` are left out: only multicast DNS could resolve them, for which an answer would wait
    a second, while the first packet shows its sender's address anyway. So is the end of candidates: an agent that knows
    it fails as soon as none of them works, where it should wait for the other side's checks (RFC 8863). The holder
    of the connection gives up after a time of its own.
    """
    lines = (_without_blanks(line) for line in sdp.splitlines() if not _makes_impatient(line))
    return "\r\n".join(lines) + "\r\n"


def ufrag_of(sdp: str) -> str:
    """The ICE user name of a description; empty where it has none."""
    lines = (line.strip() for line in sdp.splitlines())
    return next((line.split(":", 1)[1] for line in lines if line.startswith("a=ice-ufrag:")), "")


def _bundle_is_sound(description: SessionDescription) -> bool:
    """Whether the section whose transport all of a group share exists (RFC 9143, section 7.2); aiortc needs it."""
    mids = {media.rtp.muxId for media in description.media}
    bundles = [group.items for group in description.group if group.semantic == "BUNDLE"]
    return all(items[0] in mids for items in bundles if items)


def _with_its_sender_active(sdp: str) -> str:
    """An offer that leaves the DTLS roles open, as one whose sender begins the handshake (RFC 9725, section 4.4).

    The side that begins repeats what is lost, by its own timer: 50 ms in browsers, a second in OpenSSL. And in that
    role aiortc knows ECDSA alone: a peer with an RSA certificate, GStreamer's above all, could not
    answer.
    """
    return sdp.replace("a=setup:actpass", "a=setup:active")


def _parsed(text: str) -> SessionDescription:
    try:
        return SessionDescription.parse(text)
    except Exception as error:  # the parser of another library, given anything at all
        raise Refused(400, "the SDP of the offer cannot be read") from error


def _common_kind(offered: list[RTCRtpCodecParameters]) -> VideoCodec:
    common = {codec.mimeType.split("/")[1].upper() for codec in find_common_codecs(CODECS["video"], offered)}
    for kind in PREFERRED:
        if kind.value in common:
            return kind
    raise Refused(406, "no common codec: this server speaks H.264 Baseline (packetization mode 1) or VP8")


def _candidates(lines: list[str]) -> Iterator[RTCIceCandidate]:
    mid = None
    for line in lines:
        if line.startswith("a=mid:"):
            mid = line.removeprefix("a=mid:")
        elif line.startswith("a=candidate:") and not _is_local_candidate(line):
            try:
                candidate = candidate_from_sdp(line.removeprefix("a=candidate:"))
            except Exception as error:  # as above
                raise Refused(400, "a candidate cannot be read") from error
            candidate.sdpMid = mid if mid is not None else "0"
            yield candidate


def _makes_impatient(line: str) -> bool:
    return line.strip() == "a=end-of-candidates" or _is_local_candidate(line)


def _without_blanks(line: str) -> str:
    return re.sub(r"\s*;\s*", ";", line) if line.startswith("a=fmtp:") else line


def _is_local_candidate(line: str) -> bool:
    words = line.split()
    return line.startswith("a=candidate:") and len(words) > 4 and words[4].lower().endswith(".local")

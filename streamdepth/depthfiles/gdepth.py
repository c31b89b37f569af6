"""A JPEG that has its depth in it, as phones and photo viewers know it (GDepth in XMP).

Google's "Depth Map Metadata": the map is a grey picture of its own, in base64. With the format RangeInverse a pixel p
from 0 to 1 is the distance near * far / (far - p * (far - near)): linear in inverse depth, near dark. It is far too
long for one segment of a JPEG, so it is in the extended part of XMP (XMP specification, part 3, 1.1.3.1).
"""

from __future__ import annotations

import base64
import hashlib
import struct

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.imaging.exif import behind_jfif

_SPACE = "http://ns.google.com/photos/1.0/depthmap/"
_MAIN = b"http://ns.adobe.com/xap/1.0/\0"
_MORE = b"http://ns.adobe.com/xmp/extension/\0"
_PACKET = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>%b<?xpacket end="r"?>'
_CHUNK = 65_400
"""Bytes of the extended part in one segment."""


def with_depth(jpeg: bytes, distance: NDArray[np.float32], *, metres: bool) -> bytes:
    """`jpeg`, which begins with its start marker, with (h, w) distances above 0 in it; `metres` says so of them."""
    inverse = 1.0 / distance.astype(np.float64)
    near, far = 1.0 / inverse.max(), 1.0 / inverse.min()
    span = inverse.max() - inverse.min()
    share = (inverse.max() - inverse) / span if span > 0 else np.zeros_like(inverse)
    data = _png(np.rint(share * 255).astype(np.uint8))
    more = _document(f'GDepth:Data="{base64.b64encode(data).decode("ascii")}"').encode()
    guid = hashlib.md5(more, usedforsecurity=False).hexdigest().upper()
    unit = 'GDepth:Units="m" ' if metres else ""
    main = _document(
        f'GDepth:Format="RangeInverse" GDepth:Near="{near:.6g}" GDepth:Far="{far:.6g}" {unit}'
        f'GDepth:MeasureType="OpticalAxis" GDepth:Mime="image/png" xmpNote:HasExtendedXMP="{guid}"'
    ).encode()
    head = guid.encode("ascii") + struct.pack(">I", len(more))
    chunks = [
        _segment(_MORE + head + struct.pack(">I", start) + more[start : start + _CHUNK])
        for start in range(0, len(more), _CHUNK)
    ]
    at = behind_jfif(jpeg)
    return jpeg[:at] + _segment(_MAIN + _PACKET % main) + b"".join(chunks) + jpeg[at:]


def _document(attributes: str) -> str:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:GDepth="{_SPACE}" '
        f'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" {attributes}/></rdf:RDF></x:xmpmeta>'
    )


def _segment(payload: bytes) -> bytes:
    """An APP1 segment."""
    return b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload


def _png(grey: NDArray[np.uint8]) -> bytes:
    _, data = cv2.imencode(".png", grey)
    return bytes(np.asarray(data, np.uint8))

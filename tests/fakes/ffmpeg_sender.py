"""Sends a picture that grows lighter by FFmpeg's own WHIP muxer: URL, token, folder for its certificate.

It ends when it is told by a line.

A program of its own: while the muxer connects it holds Python's lock, so that a server in the same process could not
answer it.
"""

from __future__ import annotations

import datetime
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

RATE, COUNT = 30, 120


def certificate(folder):
    """Paths of a certificate and its key; the muxer's own built-in one is of a curve that OpenSSL declines."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sender")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return paths


def main(url, token, folder):
    cert, key = certificate(Path(folder))
    options = {"authorization": token, "cert_file": str(cert), "key_file": str(key)}
    with av.open(url, "w", format="whip", options=options) as container:
        stream = container.add_stream(
            "libx264", rate=RATE, options={"tune": "zerolatency", "profile": "baseline"}
        )
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 320, 240, "yuv420p", RATE
        began = time.monotonic()
        for index in range(COUNT):
            image = np.full((240, 320, 3), 40 + index, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, "bgr24").reformat(format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
            time.sleep(max(0.0, began + index / RATE - time.monotonic()))
        sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])

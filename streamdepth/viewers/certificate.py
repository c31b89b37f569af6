"""The certificate of the page, followed while a run goes on for months: who connects next is shown a renewed one."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from streamdepth.errors import SinkError
from streamdepth.viewers.settings import WebSettings

LOOK_EVERY = 60.0
"""Seconds between two looks; two must have seen the same, since a certificate and its key come one after the other."""

Held = tuple[bytes, ...] | None


async def follow_certificate(
    settings: WebSettings, context: ssl.SSLContext, warn: Callable[[str], None]
) -> None:
    """Load what the files of `settings` hold into `context` whenever it is another; it does not end by itself.

    `warn` gets one line for each that cannot be used; the one of before stays.
    """
    tried = seen = await asyncio.to_thread(_held, settings)
    while True:
        await asyncio.sleep(LOOK_EVERY)
        before, seen = seen, await asyncio.to_thread(_held, settings)
        if seen == tried or seen != before:
            continue
        tried = seen
        try:
            await asyncio.to_thread(_load, settings, context)
        except SinkError as error:
            warn(f"the page keeps the certificate that it had: {error}")


def _held(settings: WebSettings) -> Held:
    """All bytes of both files; None where one cannot be read."""
    assert settings.certificate is not None, "it is there to be followed"
    assert settings.key is not None, "they belong together"
    try:
        return tuple(path.read_bytes() for path in (settings.certificate, settings.key))
    except OSError:
        return None


def _load(settings: WebSettings, context: ssl.SSLContext) -> None:
    settings.check_certificate()  # in a context of its own: half of another pair would spoil this one
    assert settings.certificate is not None, "it was checked"
    context.load_cert_chain(settings.certificate, settings.key, password="")

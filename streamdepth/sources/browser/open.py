"""What browsers and other programs send, by its word."""

from __future__ import annotations

from streamdepth.protocols import Source
from streamdepth.sources.options import Kind, SourceOptions, Spec

WORD = "browser"


def open_browser(_spec: Spec, options: SourceOptions) -> Source:
    """Open the receiver of pictures; there is no sender yet."""
    from streamdepth.sources.browser.source import BrowserSource

    return BrowserSource(
        options.size,
        options.rate,
        same_size=options.same_size,
        max_pixels=options.max_pixels,
        notify=options.notify,
    )


BROWSER = Kind(lambda spec: spec == WORD, open_browser)

"""`--open`: the page in a browser on this desktop. Only when asked for, and no run waits for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from streamdepth.threads.worker import Worker

Say = Callable[[str], None]


def open_page(address: str, environ: Mapping[str, str], warn: Say) -> Worker:
    """Open `address` in the browser of this desktop, in a thread: finding it, and it itself, may take their time.

    `warn` gets a line where that cannot be done.
    """

    def give_up(error: BaseException) -> None:
        warn(f"no browser could be opened: {error} (open the address yourself)")

    return Worker("open page", lambda: _open(address, environ, warn), on_error=give_up).start()


def _open(address: str, environ: Mapping[str, str], warn: Say) -> None:
    import webbrowser

    from streamdepth.sinks.window.display import needs_no_check, wayland_answers, x_server_answers

    if not (needs_no_check() or x_server_answers(environ) or wayland_answers(environ)):
        warn("--open finds no display to open a browser on (open the address on another device)")
        return
    browser = webbrowser.get()
    if type(browser) is webbrowser.GenericBrowser:  # one for a terminal would take this one, until it is left
        warn(f"--open finds no browser with a window, only {browser.name} (open the address yourself)")
    elif not browser.open(address):
        warn("the browser could not be started (open the address yourself)")

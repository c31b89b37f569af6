"""The words of the command line for where viewers come in."""

from __future__ import annotations

from streamdepth.cli.option_groups import ROOT_PATH, WEB, one

WEB_WORDS = {
    "host": one(WEB, metavar="ADDRESS", help="Address to listen on (default 127.0.0.1: this machine only)."),
    "port": one(WEB, help="Port to listen on (default 8080; 0: any free port)."),
    "root_path": one(WEB, metavar="PATH", help=ROOT_PATH),
    "token": one(
        WEB,
        metavar="SECRET",
        help="Admit only those who have it; required when listening beyond this machine.",
    ),
    "max_viewers": one(WEB, help="At most this many viewers at once (default 16)."),
    "ice_server": one(
        WEB,
        metavar="URL",
        help="stun:HOST:PORT or turn:USER:SECRET@HOST:PORT for viewers elsewhere, and for WHIP (default: none); "
        "repeatable.",
    ),
    "open": one(WEB, help="Open the page in the browser here as well."),
    "cert": one(WEB, help="Certificate (.pem) for https, with --key."),
    "key": one(WEB, help="Key (.pem) of the certificate."),
}

"""HTTP requests by urllib that follow no redirection."""

from __future__ import annotations

import urllib.request
from http.client import HTTPResponse, HTTPSConnection
from typing import Any


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a POST would become a GET, and another host would get what is meant for this one."""

    def redirect_request(self, *_: Any) -> None:
        """None is: treat it as an error."""


class _TrustsAsOfNow(urllib.request.HTTPSHandler):
    """Reads anew for each connection what this machine trusts: Python 3.12 and newer would do so once for weeks."""

    def __init__(self) -> None:
        urllib.request.AbstractHTTPHandler.__init__(self)

    def https_open(self, request: urllib.request.Request) -> HTTPResponse:
        """By a connection of its own."""
        return self.do_open(HTTPSConnection, request)


opener = urllib.request.build_opener(_Stays, _TrustsAsOfNow)
"""Raises `HTTPError` for a redirection as for any other refusal."""

"""A port for a program that cannot choose one itself, or that is to come back where it was."""

import secrets
import socket

FIRST, END = 20_000, 32_768
"""Below those that Linux hands out: between this and the program's start, none of the others' connections gets it."""


def free_port(*kinds: socket.SocketKind) -> int:
    """One of 127.0.0.1 that nobody has, for TCP or what else is named."""
    while True:
        port = FIRST + secrets.randbelow(END - FIRST)
        if all(_is_free(port, kind) for kind in kinds or (socket.SOCK_STREAM,)):
            return port


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True

"""The one way to say no to a request."""

from __future__ import annotations


class Refused(Exception):
    """A request that is answered with `status` and a sentence."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

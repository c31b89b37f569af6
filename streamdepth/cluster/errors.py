"""What can go wrong with a cluster, beside its store."""

from __future__ import annotations

from streamdepth.errors import StreamdepthError


class ClusterError(StreamdepthError, ConnectionError):
    """The cluster cannot be reached, or does not do what it was asked for."""

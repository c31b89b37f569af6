"""Peer connections with the STUN and TURN servers of a run."""

from __future__ import annotations

from collections.abc import Iterable

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection

from streamdepth.service.settings import IceServer


def new_connection(servers: Iterable[IceServer] = ()) -> RTCPeerConnection:
    """One that asks these servers and no others: of its own, aiortc would ask a public one."""
    found = [
        RTCIceServer(server.url, server.username or None, server.credential or None) for server in servers
    ]
    return RTCPeerConnection(RTCConfiguration(iceServers=found))

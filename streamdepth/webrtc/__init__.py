"""Peer connections: what is read of SDP, how they come about, what goes through them, what is changed in aiortc."""

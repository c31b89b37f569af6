"""Recording to an RTSP server (RFC 2326)."""

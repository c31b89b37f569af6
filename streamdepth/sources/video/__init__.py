"""Video, a file or an address, decoded by FFmpeg."""

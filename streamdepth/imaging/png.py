"""What a PNG begins with."""

PNG_START = b"\x89PNG\r\n\x1a\n"

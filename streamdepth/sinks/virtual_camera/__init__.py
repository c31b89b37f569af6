"""A camera that other programs of this machine see: meetings, OBS."""

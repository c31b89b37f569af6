"""Where rendered frames go: window, MP4, images, depth files."""

"""Where frames come from: cameras, video, images and the drawn scene."""

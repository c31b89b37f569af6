"""What is known of FFmpeg's containers and streams, for those who read them and those who write them."""

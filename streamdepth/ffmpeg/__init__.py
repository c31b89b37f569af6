"""What is known of FFmpeg, once: for the sources that read and the sinks and encoders that write."""

"""What is written on a picture: the head-up display, the legend, the condition of its source."""

"""What is known of pictures beside their colours: pure numpy and OpenCV, for every room above."""

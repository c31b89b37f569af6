"""Movies: pictures and the tracks of their origin in one file that plays at any moment."""

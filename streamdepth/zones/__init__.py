"""Zones of a picture, and what is known of each over time; knows neither clocks nor files of video."""

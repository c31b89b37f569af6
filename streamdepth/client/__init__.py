"""The client of `streamdepth serve`: `Client("http://127.0.0.1:8000").depth("photo.jpg")`."""

from streamdepth.client.client import Client, Depth, ServiceError

__all__ = ["Client", "Depth", "ServiceError"]

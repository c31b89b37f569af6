"""Those who watch over WebRTC."""

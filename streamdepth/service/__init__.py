"""Live depth over the network: WebRTC viewers, a page, JPEG, and the controls of the stream."""

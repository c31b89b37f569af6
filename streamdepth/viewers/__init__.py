"""Live depth over HTTP: WebRTC viewers, the page, JPEG, a camera that is sent, and the controls of the stream."""

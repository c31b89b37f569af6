"""The built-in moving scene, drawn, with its true depth."""

"""Pictures: one file, a folder, a pattern, an animation."""

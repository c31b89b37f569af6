"""What is said of a run: lines, progress, status, report, and word to the service manager."""

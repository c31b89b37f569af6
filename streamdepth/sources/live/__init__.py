"""What makes a live input last: it comes back, is found frozen, and is switched to another."""

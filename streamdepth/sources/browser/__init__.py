"""Pictures that browsers and other programs send."""

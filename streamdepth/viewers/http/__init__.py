"""The web application: routes, who is let in, connections."""

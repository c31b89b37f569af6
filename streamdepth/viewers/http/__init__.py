"""The web application: routes, authorisation, connections."""

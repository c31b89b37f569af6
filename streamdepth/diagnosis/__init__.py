"""What `streamdepth doctor` looks at: one module a matter, each giving findings."""

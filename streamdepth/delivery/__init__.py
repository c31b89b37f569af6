"""What is sent to the servers of others, signed where they know a secret, and kept until they have it."""

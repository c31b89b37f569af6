"""What every HTTP service here shares: refusals, tokens, authentication, connections, the address to listen on."""

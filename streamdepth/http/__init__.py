"""What every HTTP service here shares: refusals, tokens, who is let in, connections, the address to listen at."""

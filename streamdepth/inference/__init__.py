"""One engine, many users: lanes, priorities, a bounded line of work with a wait that is known."""

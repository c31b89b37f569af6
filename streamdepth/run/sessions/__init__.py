"""What a run has to do with recorded sessions: it records one, or replays one."""

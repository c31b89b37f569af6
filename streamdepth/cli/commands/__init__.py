"""The sub-commands of the command line: each module holds one, and is imported when it is called."""

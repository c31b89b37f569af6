"""Films that are rendered for clients: records in SQLite, files in a folder, one after the other."""

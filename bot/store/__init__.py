"""The store: everything the bot remembers, in one SQLite file with one writer."""

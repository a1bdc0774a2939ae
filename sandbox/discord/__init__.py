"""A stand-in Discord: its rules, its sockets and its clocks, on this machine."""

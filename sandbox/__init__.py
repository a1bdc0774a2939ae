"""A stand-in Discord and a stand-in Omixa on this machine, and people to try Easel with."""

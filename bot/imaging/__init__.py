"""Imaging: every picture is decoded and re-encoded here, in one walled-off child process."""

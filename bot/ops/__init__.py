"""Ops: settings, logs, the heartbeat, metrics and health."""

"""Easel: pictures in Discord from one shared wallet, accounted to the micro-dollar."""

__version__ = "0.1.0"

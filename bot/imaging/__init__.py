"""Imaging: pictures are decoded and re-encoded, and charts drawn, in child processes only."""

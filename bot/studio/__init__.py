"""The workshop: an order comes in at the desk, the worker buys it, the courier takes it away."""

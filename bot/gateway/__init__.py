"""The room that buys pictures: one paid POST, its answer streamed to files, its failures sorted."""

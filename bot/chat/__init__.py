"""The hall behind the counters: what the commands share of Discord."""

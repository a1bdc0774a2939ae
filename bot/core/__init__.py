"""Values, prices, states and rules: nothing here knows Discord, HTTP, SQL or files."""

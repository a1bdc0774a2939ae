"""What Easel costs, measured beside the naive way in the same run."""

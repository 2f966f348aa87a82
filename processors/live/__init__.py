"""Live figures: what the hub's processes count, folded into windows, source health and alerts."""

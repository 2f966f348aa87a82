"""Demands for data (共享需求) and the grants (授权) that come of them."""

"""Bottlenecks (堵点): where cases wait, what complaints are about, and which data would help most."""

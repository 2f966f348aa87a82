"""Rates: every figure a fold over the lake, by definitions that are data."""

"""Refused records found again: listed, opened for their department, mended and published, or put aside."""

"""The analysts' door: SQL that only reads, its limits, and the lake as HTTP tells of it."""

"""Simulated cases on the rule alone (a rehearsal), on a running hub, or on a hub of their own."""

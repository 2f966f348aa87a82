"""Cases of the made-up city: who applies, what departments do, and how each case must end."""

"""Pages; each module registers its own by ``register()``, and is found by lying here."""

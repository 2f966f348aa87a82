"""The catalogue's register: what exists, who may have it, who owes what; one store, one writer, every change kept."""

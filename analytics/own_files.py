"""Rules that an office may set itself: a file in its folder of definitions takes the place of the one that ships."""

from pathlib import Path

from catalog.definition_place import place_of


def own_or_shipped(name: str, shipped: Path) -> Path:
    """The office's own file of this name, else the one that ships with the hub."""
    own = place_of(name)
    return own if own.exists() else shipped

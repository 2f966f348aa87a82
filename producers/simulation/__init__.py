"""The synthetic city: valid identifiers, every organisation of the sources, and dirt at stated rates."""

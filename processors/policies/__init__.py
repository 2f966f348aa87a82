"""免申即享: policies matched with archives, one subject at a time, when a fact changes, and over all of them."""

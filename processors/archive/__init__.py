"""The data plane: facts folded from the log into archives, and questions answered from them."""

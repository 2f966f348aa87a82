"""The lake and what is measured on it: rates, the ledger, bottlenecks, and what is exported of them."""

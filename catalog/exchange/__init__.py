"""The catalogue in the formats of others: data contracts, the topics' interface, a graph of linked data."""

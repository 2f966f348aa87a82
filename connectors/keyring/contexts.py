"""What sealed bytes are bound to: bytes moved to another place of the log do not open there."""


def context(*parts: str) -> bytes:
    """The parts as one byte string that no other parts give: each is preceded by its length in four bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def field_context(resource: str, record_id: str, field: str) -> bytes:
    """The place of a personal field of a fact; versions of a record share it, so an unchanged value seals the same."""
    return context("field", resource, record_id, field)


def refusal_context(department: str) -> bytes:
    """The place of a refused record's body, on ``rejected.<department>``."""
    return context("refusal", department)

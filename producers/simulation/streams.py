"""Random streams, one per part of the city: what one part draws never shifts what another part draws."""

from random import Random


class Streams:
    """The streams of one seed, each made when it is first asked for."""

    def __init__(self, seed: int) -> None:
        """Take the city's seed."""
        self._seed = seed
        self._streams: dict[str, Random] = {}

    def of(self, part: str) -> Random:
        """The stream of a part, e.g. ``transport.vehicle``; the same one at each call, going on where it was."""
        stream = self._streams.get(part)
        if stream is None:
            # A text as seed is hashed by SHA-512, so streams of similar names have nothing in common.
            stream = self._streams[part] = Random(f"{self._seed}/{part}")  # noqa: S311  made-up data, no secret
        return stream

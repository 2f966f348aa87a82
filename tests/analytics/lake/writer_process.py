"""A writer of the lake as a process of its own, for tests that kill it.

python writer_process.py BOOTSTRAP FOLDER INDEX
"""

import sys

from analytics.lake.following import LakeFollower
from analytics.lake.location import Location
from catalog.registry import LiveSchemaIds
from connectors.kafka import KafkaOptions


def main() -> None:
    """Write until the process is killed; a line says that partitions have come."""
    servers, folder, index = sys.argv[1:]
    options = KafkaOptions(servers)
    follower = LakeFollower(
        options, Location(folder), LiveSchemaIds(options), commit_s=0.05, commit_rows=200, index=int(index)
    )
    follower.prepare()
    told = False
    while True:
        follower.step()
        if follower.owned and not told:
            print("owned", flush=True)  # noqa: T201  what the test waits for
            told = True


if __name__ == "__main__":
    main()

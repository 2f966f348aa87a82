"""The peer: a Faust agent with a table and its changelog doing the same fold over the same topics.

The table is kept in memory, which is faster for Faust than RocksDB; every change still goes to the changelog topic.
"""

import asyncio
import logging
import tempfile
import time
from typing import Any

import faust

from catalog.registry import read_schema_ids
from connectors.kafka import KafkaOptions, admin
from topics.codec import RowCodec
from topics.declarations import FACT_FAMILIES

FIRST_EVENT_TIMEOUT_S = 60.0


def fold_rate(bootstrap_servers: str, seconds: float) -> float:
    """Events a second that the agent folds into its table, over this many seconds from its first event on."""
    logging.getLogger("faust").setLevel(logging.CRITICAL)
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    codec = RowCodec(read_schema_ids(options))
    listed = admin(options).list_topics().topics
    names = [name for name in listed if name.split(".", 1)[0] in FACT_FAMILIES]
    partitions = len(listed[names[0]].partitions)
    with tempfile.TemporaryDirectory(prefix="onething-faust-") as folder:
        return asyncio.run(_folded(bootstrap_servers, names, partitions, codec, folder, seconds))


async def _folded(
    bootstrap_servers: str, names: list[str], partitions: int, codec: RowCodec, folder: str, seconds: float
) -> float:
    app = faust.App(
        "onething-bench-fold",
        broker=f"kafka://{bootstrap_servers}",
        store="memory://",
        datadir=folder,
        web_enabled=False,
        topic_partitions=partitions,
        consumer_auto_offset_reset="earliest",
        loop=asyncio.get_running_loop(),
    )
    fold = _Fold(app, names, partitions, codec)
    app.finalize()
    await app.start()
    try:
        return await asyncio.wait_for(fold.rate(seconds), FIRST_EVENT_TIMEOUT_S + seconds)
    finally:
        await app.stop()


class _Fold:
    """Last writer wins per subject, resource and record id, by version and event id."""

    def __init__(self, app: Any, names: list[str], partitions: int, codec: RowCodec) -> None:
        self._codec = codec
        self._folded = 0
        self._first = asyncio.Event()
        raw = {"key_serializer": "raw", "value_serializer": "raw", "key_type": bytes, "value_type": bytes}
        self._table = app.Table("archive", partitions=partitions, key_type=bytes, value_type=bytes)
        self._table.key_serializer = self._table.value_serializer = "raw"
        app.agent(app.topic(*names, **raw))(self._agent)

    async def _agent(self, stream: Any) -> None:
        async for event in stream.events():
            self._keep(event.value)
            if not self._folded:
                self._first.set()
            self._folded += 1

    def _keep(self, message: bytes) -> None:
        _, record = self._codec.decode_trusted(message)
        key = "\x00".join((record["subject"], record["resource"], record["record_id"])).encode()
        ranked = record["version"].to_bytes(8, "big") + record["event_id"] + message
        known = self._table.get(key)
        if known is None or ranked > known:
            self._table[key] = ranked

    async def rate(self, seconds: float) -> float:
        await self._first.wait()
        before, started = self._folded, time.perf_counter()
        await asyncio.sleep(seconds)
        return (self._folded - before) / (time.perf_counter() - started)

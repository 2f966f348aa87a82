"""One archive replica in a process of its own, and archives read from its door."""

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.apart import peak_memory_mb
from benchmarks.drafts import uscc
from connectors.kafka import KafkaOptions
from processors.archive.service import run_archive

WARM_UP = 50
READ = {"reader": "bench", "purpose": "benchmark", "case": "bench"}


def serve(bootstrap_servers: str, folder: str, memory_mb: int) -> float:
    """Run a replica until it is asked to end; prints its URL once it answers. Returns its peak memory in MB."""
    run_archive(
        KafkaOptions(bootstrap_servers=bootstrap_servers),
        store_dir=Path(folder),
        index=0,
        host="127.0.0.1",
        port=0,
        memory_mb=memory_mb,
        seal=lambda body, _: body,
        announce=lambda url: print(url, flush=True),
    )
    return peak_memory_mb()


def read_ms(url: str, subjects: int, seconds: float) -> dict[str, Any]:
    """Read archives one at a time over one kept-alive connection, of the first ``subjects`` enterprises at random.

    Returns:
        ``ms``: how long each read took; ``ingest_per_s``: facts that the replica kept meanwhile, a second.
    """
    return asyncio.run(_read_ms(url, subjects, seconds))


async def kept(url: str) -> int:
    """Facts that the replica has kept since its start."""
    async with aiohttp.ClientSession() as client:
        return int((await _positions(client, url))["facts_kept"])


async def _read_ms(url: str, subjects: int, seconds: float) -> dict[str, Any]:
    choose = random.Random(7)
    async with aiohttp.ClientSession() as client:
        for _ in range(WARM_UP):
            await _read(client, url, choose.randrange(subjects))
        before, started = (await _positions(client, url))["facts_kept"], time.perf_counter()
        taken = []
        while time.perf_counter() - started < seconds:
            begun = time.perf_counter()
            await _read(client, url, choose.randrange(subjects))
            taken.append((time.perf_counter() - begun) * 1000)
        ingested = (await _positions(client, url))["facts_kept"] - before
        return {"ms": taken, "ingest_per_s": ingested / (time.perf_counter() - started)}


async def _read(client: aiohttp.ClientSession, url: str, number: int) -> None:
    async with client.get(f"{url}/v1/archives/enterprise:{uscc(number)}", params=READ) as answer:
        body = await answer.read()
        assert answer.status == 200, body


async def _positions(client: aiohttp.ClientSession, url: str) -> Any:
    async with client.get(f"{url}/v1/positions") as answer:
        return await answer.json()

"""The schema registry: its log, its reader for the hub's own processes, its writer, its HTTP face for others."""

from catalog.registry.decisions import Registered, RegistryRefusal
from catalog.registry.log import LiveSchemaIds, SchemaLog, SchemaLogMissing, SchemaLogUnreadable, read_schema_ids
from catalog.registry.published import register_published
from catalog.registry.records import SCHEMA_LOG
from catalog.registry.writer import RegistryUnavailable, RegistryWriter

__all__ = [
    "SCHEMA_LOG",
    "LiveSchemaIds",
    "Registered",
    "RegistryRefusal",
    "RegistryUnavailable",
    "RegistryWriter",
    "SchemaLog",
    "SchemaLogMissing",
    "SchemaLogUnreadable",
    "read_schema_ids",
    "register_published",
]

"""Tables of departments, brought in by the settings' Kafka and key ring: what commands and the demonstration call."""

import time
from pathlib import Path

from catalog.registry import read_schema_ids
from catalog.resources import load_resources
from connectors.keyring import KeyRing
from onething.endpoints import kafka_options
from onething.settings import Settings
from producers.drafts import DraftRules
from producers.mappings import ImportAccount, check_file, import_file, load_mapping, write_reconciliation
from producers.mappings.importing import Progress
from producers.protection import LocalProtector
from producers.publisher import Publisher


def publish_table(
    settings: Settings, path: Path, mapping: str, report: Path | None = None, progress: Progress | None = None
) -> ImportAccount:
    """Publish a table's rows and write the reconciliation; the same call again publishes the same events.

    Args:
        settings: where Kafka and the key ring are.
        path: the file.
        mapping: name of a mapping that the project brings along, or the path of a TOML file.
        report: where the reconciliation goes; ``reconciliation_path`` when not given.
        progress: hears how many rows have had their outcome.

    Raises:
        DefinitionFaultsError, MappingDoesNotFit: nothing was published.
        NotRunning: no Kafka is set and no local broker runs.
        PublisherBusy, DeliveryFailed: not every row has its outcome; the same call again completes it.
    """
    rules, options = load_mapping(mapping), kafka_options(settings)
    protector = LocalProtector(KeyRing.open_or_create(settings.data_dir / "keys"))
    with Publisher(
        options, rules.source, protector, read_schema_ids(options), load_resources(), door="file"
    ) as publisher:
        account = import_file(path, rules, publisher, progress)
    write_reconciliation(account, report or reconciliation_path(settings, path), settings.lang)
    return account


def check_table(path: Path, mapping: str) -> ImportAccount:
    """Check a table's rows as publishing would, without publishing any.

    Raises:
        DefinitionFaultsError, MappingDoesNotFit: no row was looked at.
    """
    rules = load_mapping(mapping)
    return check_file(path, rules, DraftRules(rules.source, load_resources()), time.time_ns() // 1000)


def reconciliation_path(settings: Settings, path: Path) -> Path:
    """Where the reconciliation of a file goes by default."""
    return settings.data_dir / "imports" / f"{path.stem}.account.json"

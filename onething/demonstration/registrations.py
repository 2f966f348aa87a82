"""Real business registrations brought in by a mapping, reconciled to the row, and brought in once more."""

import time
from pathlib import Path
from typing import Any, Final

from onething.demonstration.city import AccountDiffers, await_positions
from onething.demonstration.telling import Story
from onething.endpoints import endpoint
from onething.gateway.client import HubClient
from onething.settings import Settings
from onething.tables import publish_table, reconciliation_path
from producers.mappings import ImportAccount, load_mapping
from producers.mappings.importing import mapped_rows
from topics.identifiers import enterprise_subject

MAPPING: Final = "registrations-shaanxi"
SAMPLE: Final = 50
SHOWN_REASONS: Final = 8


def bring_in(story: Story, settings: Settings, archives: list[str], path: Path) -> None:
    """Import the file, reconcile it, and import it again.

    Raises:
        AccountDiffers: rows are missing, or the second import changed an archive.
    """
    account = _imported(story, settings, archives, path)
    _reconciled(story, settings, account, path)
    subjects = sampled_subjects(path)
    with HubClient(endpoint(settings, "gateway")) as client:
        before = [_archive(client, subject) for subject in subjects]
        again = _imported(story, settings, archives, path)
        after = [_archive(client, subject) for subject in subjects]
    if before != after or (again.published, len(again.refused)) != (account.published, len(account.refused)):
        raise AccountDiffers("the second import changed something")
    story.tell(f"再次导入后，抽查 {len(subjects)} 份档案无一变化 (the same import again changed no archive)")


def sampled_subjects(path: Path) -> list[str]:
    """Enterprises of the file, evenly taken from those whose rows are good."""
    drafts = (mapped.draft for mapped in mapped_rows(path, load_mapping(MAPPING)))
    good = list(dict.fromkeys(draft["subject"]["id"] for draft in drafts if isinstance(draft, dict)))
    return [enterprise_subject(uscc) for uscc in good[:: max(1, len(good) // SAMPLE)]]


def _imported(story: Story, settings: Settings, archives: list[str], path: Path) -> ImportAccount:
    started = time.monotonic()
    account = publish_table(settings, path, MAPPING)
    ends = {(topic, str(part)): span.last_offset for (topic, part), span in account.spans.items()}
    for url in archives:
        await_positions(url, ends)
    took_s = time.monotonic() - started
    story.tell(f"{account.rows:,} 行 rows，{took_s:.1f} s 入档 (published and archived)")
    return account


def _reconciled(story: Story, settings: Settings, account: ImportAccount, path: Path) -> None:
    if not account.adds_up:
        raise AccountDiffers(f"{account.rows} rows, of which {account.published} + {len(account.refused)} are told")
    story.tell(
        f"发布 published {account.published:,} + 拒收 refused {len(account.refused):,} = {account.rows:,} 行 rows；"
        f"成档 archives {account.archives:,}；重复 repeats {account.duplicates:,}；争议 conflicts {account.conflicts:,}"
    )
    for (column, reason), count in account.reasons(settings.lang).most_common(SHOWN_REASONS):
        story.tell(f"  拒收 {count:>5,}  {column or '（整行）'}: {reason}", style="dim")
    story.tell(f"逐行对账 every refused row by line, value and reason: {reconciliation_path(settings, path)}")


def _archive(client: HubClient, subject: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = client.archive(subject, [("purpose", "演示对账"), ("grant", "demonstration")], 10)[
        "records"
    ]
    return records

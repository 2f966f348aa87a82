import hashlib
from typing import Any

import pytest

from connectors.keyring import KeyRing, field_context, refusal_context
from producers.outcomes import Receipt, Refusal
from topics.events import PenaltyImposed, RecordRefused
from topics.identifiers import make_uscc

pytestmark = pytest.mark.broker


def penalty(serial: int, **changes: Any) -> dict[str, Any]:
    content = {
        "decision_number": f"西城管罚字〔2024〕第{serial}号",
        "cause": "占道经营",
        "legal_basis": "城市道路管理条例第四十二条",
        "penalty_kind": "罚款",
        "amount_fen": 50000,
        "decided_at": "2024-05-01T09:00:00+08:00",
        "domain": "urban-management",
        "territory": "610112",
        "state": "in-force",
    }
    return {
        "type": "PenaltyImposed",
        "source": "urban-management",
        "resource": "urban-management.administrative-penalty",
        "subject": {"kind": "enterprise", "id": make_uscc("91", "610112", serial)},
        "record_id": f"p-{serial}",
        "version": 1,
        "valid_at": "2024-05-01T09:00:00+08:00",
        "content": content,
    } | changes


def test_a_draft_becomes_a_fact_of_the_log(publisher: Any, read: Any) -> None:
    receipt = publisher().publish(penalty(1)).result(30)
    assert isinstance(receipt, Receipt)
    found = [(key, event) for key, event in read(receipt.topic) if event.event_id.hex() == receipt.event_id]
    key, event = found[0]
    assert key == b"enterprise:" + make_uscc("91", "610112", 1).encode()
    assert isinstance(event, PenaltyImposed)
    assert (event.record_type, event.version, event.case_id) == ("administrative-penalty", 1, None)
    assert event.decided_at == event.valid_at == 1714525200000000

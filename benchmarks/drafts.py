"""Drafts of facts as a department's system would give them to the SDK."""

from collections.abc import Iterator
from typing import Any

from catalog.resources import load_resources
from topics.identifiers import make_uscc


def drafts(resource: str, first: int, last: int) -> Iterator[dict[str, Any]]:
    """Drafts of one resource, each about an enterprise of its own."""
    for number in range(first, last):
        yield draft(resource, number, number)


def draft(resource: str, enterprise: int, number: int, **content: Any) -> dict[str, Any]:
    """The draft of one fact."""
    known = load_resources().by_code[resource]
    kind = known.schemas[0].rsplit(".", 1)[-1]
    if kind == "PenaltyImposed":
        content.setdefault("domain", known.domain or "general")
    return {
        "type": kind,
        "source": known.department,
        "resource": resource,
        "subject": {"kind": "enterprise", "id": uscc(enterprise)},
        "record_id": f"r{number}",
        "version": 1,
        "valid_at": "2024-05-01T09:00:00+08:00",
        "content": {**CONTENT[kind], **content},
    }


def uscc(number: int) -> str:
    """The credit code of the number-th enterprise."""
    return make_uscc("91", "610100", number)


CONTENT: dict[str, dict[str, Any]] = {
    "VerificationRecorded": {"item": "缴存情况", "outcome": "正常", "territory": "610100"},
    "PenaltyImposed": {
        "decision_number": "市罚〔2024〕1号",
        "cause": "未按规定处置建筑垃圾",
        "legal_basis": "西安市建筑垃圾管理条例",
        "penalty_kind": "罚款",
        "amount_fen": 500_000,
        "decided_at": "2024-05-01T09:00:00+08:00",
        "territory": "610100",
        "state": "in-force",
    },
    "EnterpriseRegistered": {
        "name": "西安某某科技有限公司",
        "enterprise_type": "有限责任公司",
        "legal_representative": "张三",
        "registered_capital": "500万元",
        "scope": "软件开发；信息系统集成服务",
        "address": "西安市雁塔区某路1号",
        "territory": "610113",
        "established_on": "2016-03-01",
        "state": "存续",
    },
}

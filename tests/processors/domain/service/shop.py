"""The words of service tests: a small bundle for enterprises, and an archive to serve from."""

from hashlib import blake2b
from typing import Any

from processors.domain.service import Application, Archive, HeldRecord, Precheck, Service, precheck
from processors.domain.service.held import DAY_US, MASK
from processors.domain.service.terms import (
    LATER,
    PROMISE,
    CommitmentTerms,
    ConditionTerms,
    DeliveryTerms,
    FieldTerms,
    ItemTerms,
    MaterialTerms,
    Option,
    Question,
    Source,
)
from topics.events import SuppliedMaterial

NOW = 20_000 * DAY_US
COMPANY = "enterprise:91440300708461136T"

REGISTRY = Source(resource="mr.registration", name="登记信息", department="市市场监管局", max_age_days=7)
LICENCES = Source(resource="mr.licence", name="执照信息", department="市市场监管局", max_age_days=7)
PENALTIES = Source(resource="fire.penalty", name="消防处罚信息", department="市消防救援支队", max_age_days=7)
PERSONS = Source(
    resource="ps.identity", name="身份证信息", department="市公安局", max_age_days=7, stands_with_subject=False
)
COMPLETE = {each.resource: NOW - DAY_US for each in (REGISTRY, LICENCES, PENALTIES)}

FIELDS = (
    FieldTerms(id="name", name="企业名称", source=REGISTRY, content="name"),
    FieldTerms(id="founded", name="成立日期", type="date", source=REGISTRY, content="established_on"),
    FieldTerms(id="legal-person", name="法定代表人", personal=True, source=REGISTRY, content="legal_representative"),
    FieldTerms(id="area", name="经营面积", type="number"),
    FieldTerms(id="phone", name="联系电话", type="phone", personal=True),
    FieldTerms(id="style", name="业态", type="choice", choices=("堂食", "外卖"), required=False),
    FieldTerms(
        id="identity", name="经办人身份证号", type="resident-id", personal=True, source=PERSONS, content="number"
    ),
    FieldTerms(id="sign-size", name="招牌尺寸"),
)
MATERIALS = (
    MaterialTerms(id="licence", name="营业执照", form="licence", source=LICENCES),
    MaterialTerms(id="floor-plan", name="平面图"),
    MaterialTerms(id="fire-promise", name="消防承诺书", form="statement"),
    MaterialTerms(id="id-card", name="身份证", form="licence", source=PERSONS, personal=True),
    MaterialTerms(id="sign-photo", name="招牌效果图"),
)
FOOD = ItemTerms(
    number=1,
    code="610131002000",
    text="食品经营许可",
    kind="licensing",
    departments=("市市场监管局",),
    legal_days=20,
    promised_days=5,
    fee_fen=0,
    result_name="食品经营许可证",
    result_resource="mr.food-licence",
    conditions=(
        ConditionTerms(
            id="in-business",
            text="登记状态为存续",
            cel='records.exists(r, r.resource == "mr.registration" && r.content.state == "存续")',
            reads=(REGISTRY,),
        ),
        ConditionTerms(id="fit", text="场所合适"),
    ),
    fields=("name", "founded", "legal-person", "area", "phone", "identity"),
    materials=("licence", "floor-plan", "id-card"),
    stated=frozenset(
        ("conditions", "materials", "fields", "legal_days", "promised_days", "fee_fen", "result", "legal_basis")
    ),
)
FIRE = ItemTerms(
    number=2,
    code="610125001000",
    text="消防安全检查",
    departments=("市消防救援支队",),
    after=(1,),
    legal_days=10,
    fee_fen=5000,
    result_name="检查意见书",
    conditions=(
        ConditionTerms(
            id="no-penalty",
            text="没有未履行的消防处罚",
            cel='!records.exists(r, r.resource == "fire.penalty" && r.content.state == "in-force")',
            reads=(PENALTIES,),
        ),
        ConditionTerms(id="small", text="面积不超过 300 平方米", cel='form["area"] <= 300'),
    ),
    fields=("name", "area", "style"),
    materials=("licence", "fire-promise"),
    stated=frozenset(("conditions", "materials", "fields", "legal_days", "fee_fen", "result")),
)
SIGN = ItemTerms(number=3, code="611017001000", text="户外招牌", fields=("sign-size",), materials=("sign-photo",))
CHECK = ItemTerms(number=4, code="619031001000", text="企业营业执照信息核验", role="check")

PROMISES = CommitmentTerms(
    material="fire-promise", kind=PROMISE, days=30, text="承诺符合标准", liability="依法撤销许可", after_check_days=60
)
LATERS = CommitmentTerms(
    material="floor-plan",
    kind=LATER,
    days=10,
    cel='!records.exists(r, r.resource == "fire.penalty")',
    reads=(PENALTIES,),
)


def shop(**changed: Any) -> Service:
    """A bundle of four items, of which a choice brings in the signboard."""
    told: dict[str, Any] = {
        "bundle": "shop",
        "version": 1,
        "name": "开店“一件事”",
        "document": "市政办函",
        "lead": ("市市场监管局",),
        "items": (FOOD, FIRE, SIGN, CHECK),
        "questions": (
            Question("signboard", "是否设置户外招牌", (Option("yes", "设置", (3,)), Option("no", "不设置", ()))),
        ),
        "commitments": (PROMISES, LATERS),
        "delivery": DeliveryTerms(True, ("counter", "mail")),
        "fields": {each.id: each for each in FIELDS},
        "materials": {each.id: each for each in MATERIALS},
    }
    return Service(**(told | changed))


def record(resource: str, record_id: str = "1", *, event: str = "RegistrationRecorded", **told: Any) -> HeldRecord:
    """A record of the archive."""
    common = {
        name: told.pop(name) for name in ("withdrawn", "disputed", "valid_at", "version", "personal") if name in told
    }
    identity = repr((resource, record_id, event, sorted(common.items()), sorted(told.items())))
    stated: dict[str, Any] = {
        "resource": resource,
        "record_type": told.pop("record_type", resource.rpartition(".")[2]),
        "record_id": record_id,
        "event": event,
        "event_id": blake2b(identity.encode(), digest_size=16).hexdigest(),
        "version": 1,
        "valid_at": 1_000 * DAY_US,
        "known_at": 1_001 * DAY_US,
        "withdrawn": False,
        "disputed": False,
        "content": told,
    }
    return HeldRecord(**(stated | common))


def registration(**told: Any) -> HeldRecord:
    """The shop's registration."""
    stated: dict[str, Any] = {
        "event": "EnterpriseRegistered",
        "name": "西安好味餐饮有限公司",
        "established_on": 15_000,
        "legal_representative": MASK,
        "state": "存续",
        "personal": frozenset(("legal_representative",)),
    }
    return record("mr.registration", **(stated | told))


def licence(record_id: str = "1", **told: Any) -> HeldRecord:
    """The shop's licence."""
    stated: dict[str, Any] = {"event": "LicenceIssued", "state": "有效", "valid_to": None}
    return record("mr.licence", record_id, **(stated | told))


def penalty(record_id: str = "1", **told: Any) -> HeldRecord:
    """A penalty of the fire department."""
    stated: dict[str, Any] = {"event": "PenaltyImposed", "state": "in-force"}
    return record("fire.penalty", record_id, **(stated | told))


def breach(**told: Any) -> HeldRecord:
    """A broken commitment, as supervision publishes it."""
    stated: dict[str, Any] = {
        "event": "PenaltyImposed",
        "record_type": "commitment-breach",
        "state": "in-force",
        "cause": "承诺的消防设施未安装",
    }
    return record("aa.commitment-breach", **(stated | told))


def listing(**told: Any) -> HeldRecord:
    """A listing for serious dishonesty, as credit publishes it."""
    stated: dict[str, Any] = {"event": "PenaltyImposed", "record_type": "serious-dishonesty", "state": "in-force"}
    return record("credit.serious-dishonesty", **(stated | told))


def archive(*records: HeldRecord, complete: bool = True, **told: Any) -> Archive:
    """The shop's archive; ``complete``: every source has stated its coverage lately."""
    return Archive(subject=COMPANY, records=records, complete_until=COMPLETE if complete else {}, **told)


FULL = archive(registration(), licence())

SUPPLIED = (
    SuppliedMaterial(material="floor-plan", means="upload", reference="a1"),
    SuppliedMaterial(material="fire-promise", means="promise"),
    SuppliedMaterial(material="id-card", means="paper"),
)


def application(**changed: Any) -> Application:
    """An application without a fault."""
    told: dict[str, Any] = {
        "subject": COMPANY,
        "choices": {"signboard": "no"},
        "form": {"area": 120, "phone": "13800138000", "identity": "11010519491231002X"},
        "materials": SUPPLIED,
    }
    return Application(**(told | changed))


def checked(held: Archive = FULL, open_case: str | None = None, **changed: Any) -> Precheck:
    """The pre-check of an application that differs from the faultless one like this."""
    return precheck(shop(), application(**changed), held, NOW, open_case)


def told_faults(found: Precheck) -> list[tuple[str, str]]:
    """(code, place) of every fault."""
    return [(fault.code, fault.place) for fault in found.faults]

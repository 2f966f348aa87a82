"""What the register holds: organisations, systems, resources with their data items, licence types, legal bases.

Each is frozen data. ``"unstated"`` stands where no source states a value; what is guessed says so.
"""

from typing import Annotated, Final, Literal

import msgspec

SharingClass = Literal["unconditional", "conditional", "withheld", "unstated"]
ItemClass = Literal["ordinary", "personal", "sensitive-personal", "trade-secret", "state-restricted"]
EntryState = Literal["draft", "submitted", "reviewed", "published", "withdrawn"]
SystemState = Literal["own", "to-clean-up", "migrated", "connected", "unstated"]
Level = Literal["city", "district", "vertical", "province", "state", "unstated"]
DataItemType = Literal["text", "number", "date", "instant", "boolean", "choice", "file", "unstated"]

UNSTATED: Final = "unstated"


class DataItem(msgspec.Struct, frozen=True, kw_only=True):
    """One data item (信息项) of a resource; ``field`` is the ASCII name that its records carry.

    ``guessed`` says that type and class were derived from the name alone and await review.
    """

    name: str
    field: str
    type: DataItemType = "unstated"
    length: Annotated[int, msgspec.Meta(ge=1)] | None = None
    item_class: ItemClass = "ordinary"
    guessed: bool = False
    note: str = ""


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """One catalogue entry (数据资源) with every field of Order 809 art. 13; its code is ``<department>.<name>``.

    ``catalogue_code`` is the guideline's code; ``legal_basis`` holds ids of legal bases; ``topic``, ``schema_name`` and
    ``record_type`` are ``""`` until the entry is bound; ``version`` counts the published content, 0 before the first.
    """

    code: str
    name: str
    provider: str
    catalogue_code: str = ""
    summary: str = ""
    data_items: tuple[DataItem, ...] = ()
    format: str = UNSTATED
    update_cycle_days: Annotated[int, msgspec.Meta(ge=1)] | None = None
    sharing_class: SharingClass = "unstated"
    sharing_means: tuple[str, ...] = ()
    conditions_of_use: str = ""
    scope_of_use: str = ""
    legal_basis: tuple[str, ...] = ()
    withheld_reason: str = ""
    classification: str = UNSTATED
    theme: str = UNSTATED
    level: Level = "unstated"
    record_type: str = ""
    topic: str = ""
    schema_name: str = ""
    system: str | None = None
    negative_list: bool = False
    state: EntryState = "draft"
    version: Annotated[int, msgspec.Meta(ge=0)] = 0


class System(msgspec.Struct, frozen=True, kw_only=True):
    """One service system (政务服务信息系统); ``batch`` is that of its connection, ``vertical``: on that list."""

    code: str
    name: str
    owner: str = UNSTATED
    level: Level = "unstated"
    state: SystemState = "unstated"
    batch: int | None = None
    vertical: bool = False
    note: str = ""
    withdrawn: bool = False


class LicenceType(msgspec.Struct, frozen=True, kw_only=True):
    """One type of licence (证照类型); ``authority`` is an organisation's code, ``validity`` the source's words."""

    code: str
    name: str
    authority: str = UNSTATED
    validity: str = UNSTATED
    withdrawn: bool = False


class LegalBasis(msgspec.Struct, frozen=True, kw_only=True):
    """One article in force from a day until another (dates ``YYYY-MM-DD``; ``None``: still in force)."""

    id: str
    title: str
    article: str
    in_force_from: str
    text: str = ""
    in_force_until: str | None = None
    withdrawn: bool = False


class Mentioned(msgspec.Struct, frozen=True, kw_only=True):
    """Where a source names an organisation; ``text`` are its words there where they are not the name."""

    source: str
    part: str
    numbers: tuple[int, ...] = ()
    text: str | None = None


class RegisteredOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation as ``catalog.organisations`` declares it, in the register."""

    code: str
    name: str
    level: str
    kind: str
    full_name: str | None = None
    aliases: tuple[str, ...] = ()
    keeps_records: bool = True
    named_in: tuple[Mentioned, ...] = ()
    withdrawn: bool = False

"""Who issues the city's licences: a made-up credit code for each department, a type code for each licence."""

from functools import cache

import msgspec

from catalog.organisations import load_organisations
from catalog.resources import Resource, load_resources
from topics.identifiers import make_uscc

_DEPARTMENTS = "11"
_PROVINCE = "610000"
_CITY = "610100"


class Issuer(msgspec.Struct, frozen=True):
    """An issuing department: its name, its credit code and the type code of the licence it issues."""

    name: str
    uscc: str
    type_code: str


@cache
def issuer_of(resource: Resource) -> Issuer:
    """The issuer of a resource's licences; the province's authority defined the type (GB/T 36904)."""
    organisations = load_organisations()
    place = [organisation.code for organisation in organisations.all].index(resource.department)
    organisation = organisations.by_code[resource.department]
    types = list(load_resources().record_types)
    return Issuer(
        name=organisation.full_name or organisation.name,
        uscc=make_uscc(_DEPARTMENTS, _CITY, place),
        type_code=f"{make_uscc(_DEPARTMENTS, _PROVINCE, place)}{types.index(resource.record_type) + 1:03d}",
    )

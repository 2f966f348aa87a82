import pytest

from onething.console import navigation
from onething.console.app import register_pages
from onething.console.language import Words
from onething.console.navigation import Entry, lies_under


@pytest.mark.parametrize(
    ("path", "entry", "under"),
    [
        ("/", "/", True),
        ("/cases", "/", False),
        ("/cases/1", "/cases", True),
        ("/casesof", "/cases", False),
        ("/bundles/x/apply", "/bundles", True),
    ],
)
def test_a_page_lies_under_its_entry(path: str, entry: str, *, under: bool) -> None:
    assert lies_under(path, entry) is under


def test_pages_register_themselves_and_stand_in_the_navigation_once() -> None:
    register_pages()
    register_pages()
    services = [each.path for each in navigation.entries("services")]
    assert services[:3] == ["/", "/bundles", "/cases"]
    assert len(services) == len(set(services))


def test_the_longest_entry_is_where_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_ENTRIES", {})
    for path in ("/", "/lists", "/lists/own"):
        navigation.add(Entry(0, path, Words(path, path), "bureau"))
    found = navigation.current("/lists/own/3")
    assert found is not None
    assert found.path == "/lists/own"

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.definition_place import SHIPPED_FOLDER, choose_definitions, place_of, read_from


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """An operator's folder in force for one test."""
    choose_definitions(lambda: tmp_path)
    yield tmp_path
    choose_definitions(lambda: None)


def test_without_a_folder_the_shipped_definitions_hold() -> None:
    assert place_of("routes.toml") == SHIPPED_FOLDER / "routes.toml"


def test_what_lies_in_the_folder_stands_in_place_of_what_ships(own: Path) -> None:
    (own / "routes.toml").write_text("")
    assert place_of("routes.toml") == own / "routes.toml"
    assert place_of("bundles") == SHIPPED_FOLDER / "bundles"


def test_each_place_is_read_once_and_afresh_when_asked(own: Path) -> None:
    @read_from("word.txt")
    def load_word(path: Path) -> str:
        return path.read_text()

    (own / "word.txt").write_text("先")
    assert load_word() == "先"
    (own / "word.txt").write_text("后")
    assert load_word() == "先"
    assert load_word.__wrapped__(own / "word.txt") == "后"


def test_the_choice_is_asked_when_something_is_read_not_when_it_is_made() -> None:
    asked: list[str] = []
    choose_definitions(lambda: asked.append("asked"))
    assert asked == []
    place_of("bundles")
    choose_definitions(lambda: None)
    assert asked == ["asked"]

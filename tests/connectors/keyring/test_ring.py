import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.keyring import (
    SEAL_OVERHEAD,
    KeyRing,
    KeyRingDamaged,
    KeyRingExposed,
    KeyRingMissing,
    UnknownKey,
    WrongContext,
    context,
    field_context,
    key_id_of,
)
from connectors.keyring.file import FieldKey, KeyRingFile, write

PLACE = field_context("public-security.person-registration", "r-1", "name")


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing.open_or_create(tmp_path / "keys")


@pytest.fixture(scope="module")
def shared_ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing.open_or_create(tmp_path_factory.mktemp("keys"))


def test_what_was_sealed_opens_in_its_place(ring: KeyRing) -> None:
    sealed = ring.seal("张三".encode(), PLACE)
    assert ring.unseal(sealed, PLACE) == "张三".encode()
    assert len(sealed) == len("张三".encode()) + SEAL_OVERHEAD
    assert "张三".encode() not in sealed


def test_a_repeat_seals_to_the_same_bytes_and_another_place_to_others(ring: KeyRing) -> None:
    elsewhere = field_context("public-security.person-registration", "r-2", "name")
    assert ring.seal(b"x", PLACE) == ring.seal(b"x", PLACE)
    assert ring.seal(b"x", PLACE) != ring.seal(b"x", elsewhere)
    with pytest.raises(WrongContext):
        ring.unseal(ring.seal(b"x", PLACE), elsewhere)


def test_one_changed_bit_anywhere_is_noticed(ring: KeyRing) -> None:
    sealed = ring.seal(b"six characters", PLACE)
    for place in range(4, len(sealed)):
        changed = bytes(byte ^ (index == place) for index, byte in enumerate(sealed))
        with pytest.raises(WrongContext):
            ring.unseal(changed, PLACE)
    with pytest.raises(WrongContext):
        ring.unseal(sealed[: SEAL_OVERHEAD - 1], PLACE)


def test_after_a_rotation_old_bytes_open_and_new_ones_have_another_key(ring: KeyRing) -> None:
    before = ring.seal(b"x", PLACE)
    fresh = ring.rotate()
    after = ring.seal(b"x", PLACE)
    assert key_id_of(after) == fresh != key_id_of(before)
    assert ring.unseal(before, PLACE) == ring.unseal(after, PLACE) == b"x"
    assert [key_id for key_id, _ in ring.key_ids()] == [key_id_of(before), fresh]


def test_tokens_and_digests_outlive_rotations_and_restarts(ring: KeyRing) -> None:
    token, digest = ring.person_token("610102199003071234"), ring.digest(b"x", PLACE)
    ring.rotate()
    again = KeyRing.open(ring.path.parent)
    assert (again.person_token("610102199003071234"), again.digest(b"x", PLACE)) == (token, digest)
    assert len(token) == 32
    assert len(digest) == 16
    assert digest != again.digest(b"x", b"")


def test_a_rotation_elsewhere_is_taken_up(ring: KeyRing, monkeypatch: pytest.MonkeyPatch) -> None:
    other = KeyRing.open(ring.path.parent)
    fresh = other.rotate()
    assert ring.unseal(other.seal(b"x", PLACE), PLACE) == b"x"
    monkeypatch.setattr(ring, "_look_at", 0.0)
    assert key_id_of(ring.seal(b"x", PLACE)) == fresh


def test_bytes_of_another_ring_name_their_key(ring: KeyRing, tmp_path: Path) -> None:
    sealed = KeyRing.open_or_create(tmp_path / "other").seal(b"x", PLACE)
    with pytest.raises(UnknownKey) as told:
        ring.unseal(sealed, PLACE)
    assert told.value.key_id == key_id_of(sealed)


def test_the_file_is_its_owners_alone(ring: KeyRing) -> None:
    assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600
    ring.rotate()
    assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600
    ring.path.chmod(0o640)
    with pytest.raises(KeyRingExposed):
        KeyRing.open(ring.path.parent)


def test_a_damaged_file_is_named_without_its_keys_and_never_replaced(ring: KeyRing) -> None:
    text = ring.path.read_text()
    key = text.split('"token_key": "')[1][:64]
    for damaged in (text[:-20], text.replace(key, key[::-1]), "", text.replace("token_key", "tokenkey")):
        ring.path.write_text(damaged)
        with pytest.raises(KeyRingDamaged) as told:
            KeyRing.open_or_create(ring.path.parent)
        assert key not in str(told.value)
        assert ring.path.read_text() == damaged


def test_a_missing_ring_is_not_made_by_readers(tmp_path: Path) -> None:
    with pytest.raises(KeyRingMissing):
        KeyRing.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_whoever_comes_first_makes_the_ring_and_all_others_get_it(tmp_path: Path) -> None:
    tokens: list[str] = []

    def make() -> None:
        tokens.append(KeyRing.open_or_create(tmp_path).person_token("x"))

    threads = [threading.Thread(target=make) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens) == 16
    assert len(set(tokens)) == 1


@given(plaintext=st.binary(max_size=200), place=st.lists(st.text(max_size=20), max_size=4))
def test_any_bytes_in_any_place_come_back(shared_ring: KeyRing, plaintext: bytes, place: list[str]) -> None:
    where = context(*(part.encode("utf-8", "replace").decode() for part in place))
    assert shared_ring.unseal(shared_ring.seal(plaintext, where), where) == plaintext


@given(left=st.lists(st.text("ab"), max_size=4), right=st.lists(st.text("ab"), max_size=4))
def test_different_parts_are_different_contexts(left: list[str], right: list[str]) -> None:
    assert (context(*left) == context(*right)) == (left == right)


def test_tokens_digests_and_seals_of_known_keys_never_change(tmp_path: Path) -> None:
    """They stand on a log that is never rewritten: another release must compute the same ones."""
    path = tmp_path / "keyring.json"
    field_key = FieldKey(id="0a0b0c0d", key="33" * 32, created_at=0)
    write(path, KeyRingFile(format=1, token_key="11" * 32, digest_key="22" * 32, field_keys=(field_key,)))
    known = KeyRing(path)
    assert known.person_token("610102199003071234") == "118aab90504a7bdd10160771bb1eac57"
    assert known.digest(b"x", PLACE).hex() == "41e57ea1ac6dcc6e26910b41b4f98f59"
    assert known.seal(b"x", PLACE).hex() == "0a0b0c0d903039c2cc431b501c0ec76c96d0f2924c1fccb1ff53567bee8f639ef4"

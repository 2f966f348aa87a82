"""A folder of definition files, read whole: every fault of every file, and editions with their parent's part."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from catalog.bundle_faults import Surroundings, bundle_faults
from catalog.bundle_file import BundleFile
from catalog.bundle_inheritance import inherit
from catalog.definition_lines import located
from catalog.definition_place import place_of
from catalog.definitions import DefinitionFaultsError, Fault, demand_none, read_definition
from catalog.form_fields import load_materials
from catalog.items import load_items
from catalog.organisations import load_organisations
from catalog.resources import load_resources
from catalog.routes import LEAD, ROUTES_FILE, Routes, load_routes


def read_folder(folder: Path) -> Mapping[str, BundleFile]:
    """Return what the folder's files say by bundle id, what editions leave out filled in from their parents.

    Raises:
        DefinitionFaultsError: files do not hold together; the faults of all of them are named with their lines.
    """
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise DefinitionFaultsError([Fault(folder.name, str(folder), "no bundle is defined in this folder")])
    files, faults = _written(paths)
    demand_none([*faults, *_faults(files, routes_beside(folder), {path.stem for path in paths if path not in files})])
    by_id = {file.id: file for file in files.values()}
    return MappingProxyType(
        {id_: inherit(file, by_id[file.extends]) if file.extends else file for id_, file in by_id.items()}
    )


def routes_beside(folder: Path) -> Path:
    """Return the file that says who acts where the folder's bundles leave it open."""
    # The folder in force may be an operator's own without routes of its own: the shipped ones hold then.
    in_force = folder == place_of(folder.name)
    return place_of(ROUTES_FILE.name) if in_force else folder.parent / ROUTES_FILE.name


def _written(paths: Iterable[Path]) -> tuple[dict[Path, BundleFile], list[Fault]]:
    """The files that have the right shape, and the faults of the others."""
    files: dict[Path, BundleFile] = {}
    faults: list[Fault] = []
    for path in paths:
        try:
            files[path] = read_definition(path, BundleFile)
        except DefinitionFaultsError as broken:
            faults += located(broken.faults, path)
    return files, faults


def _faults(files: Mapping[Path, BundleFile], routes_file: Path, unread: Collection[str]) -> Iterator[Fault]:
    """Faults of the files that could be read; what refers to one that could not is not judged."""
    routes = load_routes(routes_file)
    known = Surroundings(load_organisations(), load_resources(), load_items(), load_materials(), routes)
    by_id = {file.id: file for file in files.values()}
    for path, file in files.items():
        if file.extends in unread:
            continue
        unfit = list(_parent_faults(file, by_id))
        whole = inherit(file, by_id[file.extends]) if file.extends and not unfit else file
        places = [*unfit, *bundle_faults(path.stem, whole, known)]
        yield from located((Fault(path.name, place, reason) for place, reason in places), path)
    yield from located(
        (Fault(routes_file.name, place, reason) for place, reason in _route_faults(routes, by_id, unread)), routes_file
    )


def _parent_faults(file: BundleFile, by_id: Mapping[str, BundleFile]) -> Iterator[tuple[str, str]]:
    parent = by_id.get(file.extends)
    numbers = {line.number for line in parent.items} if parent else set()
    for at, line in enumerate(file.items):
        if line.parent is not None and line.parent not in numbers:
            yield f"items[{at}].parent", f"the parent has no item {line.parent}"
    if file.extends and (parent is None or parent is file):
        yield "extends", f"no bundle {file.extends!r} to extend"
    elif parent is not None and parent.extends:
        yield "extends", f"{file.extends!r} extends another bundle itself"
    elif parent is not None and parent.subject != file.subject:
        yield "extends", f"{file.extends!r} is about a subject of another kind"


def _route_faults(
    routes: Routes, by_id: Mapping[str, BundleFile], unread: Collection[str]
) -> Iterator[tuple[str, str]]:
    for at, route in enumerate(routes.values()):
        bundle = by_id.get(route.bundle)
        if bundle is None and route.bundle not in unread:
            yield f"route[{at}].bundle", f"no bundle {route.bundle!r}"
        elif bundle is not None and route.item not in {LEAD, *(line.number for line in bundle.items)}:
            yield f"route[{at}].item", f"{route.bundle} has no item {route.item}"

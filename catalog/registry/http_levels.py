"""Compatibility: its level, its test, and the mode, which is always READWRITE."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from catalog.registry import decisions
from catalog.registry.compatibility import Level
from catalog.registry.decisions import NOT_FOUND, UNPROCESSABLE, RegistryRefusal
from catalog.registry.http_shapes import LevelBody, ModeBody, SchemaBody, Writer, version_of
from catalog.registry.state import RegistryState

router = APIRouter(tags=["compatibility"])

DefaultToGlobal = Annotated[bool, Query(alias="defaultToGlobal", description="where none is set, the one for all")]
Verbose = Annotated[bool, Query(description="tell each fault with its place")]
_READWRITE = "READWRITE"
_MODES = (_READWRITE, "READONLY", "READONLY_OVERRIDE", "IMPORT", "FORWARD")


@router.post("/compatibility/subjects/{subject}/versions/{version}")
def version_verdict(
    subject: str, version: str, body: SchemaBody, writer: Writer, verbose: Verbose = False
) -> dict[str, Any]:
    """Test whether a schema may follow one version, at the subject's level."""
    text = _valid(body, subject)

    def faults(state: RegistryState) -> list[str]:
        earlier = [version_of(state, subject, version)]
        return [str(fault) for fault in decisions.faults_against(state, subject, text, earlier)]

    return _verdict(writer.read(faults), verbose)


@router.post("/compatibility/subjects/{subject}/versions")
def subject_verdict(subject: str, body: SchemaBody, writer: Writer, verbose: Verbose = False) -> dict[str, Any]:
    """Test whether a schema could be registered: against all versions that the subject's level counts."""
    text = _valid(body, subject)

    def faults(state: RegistryState) -> list[str]:
        return [str(fault) for fault in decisions.faults_against(state, subject, text, state.versions(subject))]

    return _verdict(writer.read(faults), verbose)


@router.get("/config")
def level(writer: Writer) -> dict[str, str]:
    """Show the level that holds where a subject has none."""
    return {"compatibilityLevel": writer.read(lambda state: state.level(None) or Level.BACKWARD)}


@router.put("/config")
def set_level(body: LevelBody, writer: Writer) -> dict[str, str]:
    """Set the level for subjects that have none."""
    return {"compatibility": writer.write(lambda state: decisions.set_level(state, None, body.compatibility))}


@router.delete("/config")
def unset_level(writer: Writer) -> dict[str, str]:
    """Go back to BACKWARD; returns what was set."""
    return {"compatibilityLevel": writer.write(lambda state: decisions.unset_level(state, None))}


@router.get("/config/{subject}")
def subject_level(subject: str, writer: Writer, default_to_global: DefaultToGlobal = False) -> dict[str, str]:
    """Show the level of a subject."""

    def found(state: RegistryState) -> str:
        if default_to_global:
            return state.effective_level(subject)
        if (own := state.level(subject)) is None:
            raise decisions.level_not_set(subject)
        return own

    return {"compatibilityLevel": writer.read(found)}


@router.put("/config/{subject}")
def set_subject_level(subject: str, body: LevelBody, writer: Writer) -> dict[str, str]:
    """Set the level of a subject."""
    return {"compatibility": writer.write(lambda state: decisions.set_level(state, subject, body.compatibility))}


@router.delete("/config/{subject}")
def unset_subject_level(subject: str, writer: Writer) -> dict[str, str]:
    """Take the level of a subject back; returns what was set."""
    return {"compatibilityLevel": writer.write(lambda state: decisions.unset_level(state, subject))}


@router.get("/mode")
def mode() -> dict[str, str]:
    """Show the mode."""
    return {"mode": _READWRITE}


@router.put("/mode")
def set_mode(body: ModeBody) -> dict[str, str]:
    """Take READWRITE, refuse the others."""
    if body.mode not in _MODES:
        raise RegistryRefusal(UNPROCESSABLE, 42204, f"Invalid mode {body.mode}; valid is {_READWRITE}")
    if body.mode != _READWRITE:
        raise RegistryRefusal(UNPROCESSABLE, 42205, f"Mode {body.mode} is not supported; the registry is {_READWRITE}")
    return {"mode": _READWRITE}


@router.get("/mode/{subject}")
def subject_mode(subject: str, default_to_global: DefaultToGlobal = False) -> dict[str, str]:
    """Show the mode of a subject, which is never its own."""
    if not default_to_global:
        message = f"Subject '{subject}' does not have subject-level mode configured"
        raise RegistryRefusal(NOT_FOUND, 40409, message)
    return {"mode": _READWRITE}


@router.get("/contexts")
def contexts() -> list[str]:
    """List the contexts: the default one."""
    return ["."]


def _valid(body: SchemaBody, subject: str) -> str:
    text = body.avro()
    decisions.demand_valid(text, subject)
    return text


def _verdict(faults: list[str], verbose: bool) -> dict[str, Any]:
    return {"is_compatible": not faults} | ({"messages": faults} if verbose else {})

"""Settings as environment variables, so that a child process has exactly those of the process that starts it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from onething.settings import Settings

PREFIX: Final = "ONETHING_"
_NO_FILE: Final = "settings.toml"


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment of a part: this process's own, with the settings in place of every ``ONETHING_*``.

    The part reads an empty settings file, because what a file here said is in the settings already.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {**kept, **variables(settings), "ONETHING_CONFIG": str(_empty_file(settings.data_dir))}


def variables(settings: Settings) -> dict[str, str]:
    """Every setting that has a value, by the name of its variable; secrets are in clear."""
    return dict(_flat(settings, PREFIX))


def variable_names(model: type[BaseModel] = Settings, prefix: str = PREFIX) -> set[str]:
    """The name of every variable that sets something."""
    names: set[str] = set()
    for name, field in model.model_fields.items():
        inner = field.annotation
        variable = f"{prefix}{name.upper()}"
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            names |= variable_names(inner, f"{variable}__")
        else:
            names.add(variable)
    return names


def _flat(model: BaseModel, prefix: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        variable = f"{prefix}{name.upper()}"
        if isinstance(value, BaseModel):
            found |= _flat(value, f"{variable}__")
        elif value is not None:
            found[variable] = _text(value)
    return found


def _text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return json.dumps(value) if isinstance(value, list) else str(value)


def _empty_file(data_dir: Path) -> Path:
    path = data_dir / "run" / _NO_FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# The parts take their settings from the environment that their supervisor gives them.\n")
    return path

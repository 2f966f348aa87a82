"""What can be wrong with the key ring or with sealed bytes: one class per fact, each with its remedy."""

# ruff: noqa: N818 - each class is named after the fact that it states

from pathlib import Path


class KeyRingError(Exception):
    """The key ring cannot do what was asked; ``remedy`` says what the reader can do about it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


class KeyRingMissing(KeyRingError):
    """There is no key ring where one was expected."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"no key ring at {path}",
            "Name the hub's data directory (data_dir), or bring its key ring back from a backup. Personal fields that "
            "were sealed with a lost ring stay unreadable.",
        )


class KeyRingDamaged(KeyRingError):
    """The file is not a whole key ring."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"the key ring {path} is damaged: {why}",
            "Bring the file back from a backup. Do not delete it: personal fields sealed with it would stay "
            "unreadable, and persons would get other tokens.",
        )


class KeyRingExposed(KeyRingError):
    """Others than its owner may read or write the file."""

    def __init__(self, path: Path, mode: int) -> None:
        super().__init__(
            f"the key ring {path} is open to others (mode {mode:04o})",
            f"Run: chmod 600 {path}; and, when somebody may have read it, rotate its keys: onething keys rotate",
        )


class UnknownKey(KeyRingError):
    """The bytes were sealed with a key that this ring does not hold."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"sealed with key {key_id}, which this key ring does not hold",
            "Use the key ring of the hub that sealed them (data_dir/keys), or bring it back from a backup.",
        )
        self.key_id = key_id


class WrongContext(KeyRingError):
    """The bytes were changed, cut, or sealed for another place."""

    def __init__(self) -> None:
        super().__init__(
            "the sealed bytes do not open here: changed, cut, or sealed for another record or field",
            "Read them with the resource, record id and field name of the fact that carries them.",
        )

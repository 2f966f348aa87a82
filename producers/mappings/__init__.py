"""Tables of departments: their columns mapped to drafts, their rows imported and reconciled."""

from producers.mappings.import_account import ImportAccount, RefusedRow
from producers.mappings.importing import check_file, import_file
from producers.mappings.mapping import (
    Mapping,
    MappingDoesNotFit,
    RowFault,
    RowRefusal,
    load_mapping,
    mapping_names,
)
from producers.mappings.reconciliation import shown, summary, write_reconciliation

__all__ = [
    "ImportAccount",
    "Mapping",
    "MappingDoesNotFit",
    "RefusedRow",
    "RowFault",
    "RowRefusal",
    "check_file",
    "import_file",
    "load_mapping",
    "mapping_names",
    "shown",
    "summary",
    "write_reconciliation",
]

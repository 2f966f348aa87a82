"""OneThing Hub: the composition root.

In a wheel the other parts lie in the private folder ``onething_parts`` beside this package; in a checkout they lie
at the top level. Either way ``import topics`` works once ``onething`` was imported.
"""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_parts = Path(__file__).resolve().parent.parent / "onething_parts"
if _parts.is_dir() and str(_parts) not in sys.path:
    sys.path.insert(0, str(_parts))

try:
    __version__ = version("onething-hub")
except PackageNotFoundError:
    __version__ = "0+unknown"

"""争议标注: what the register says of disputes, on the log as facts, so that every archive shows the mark."""

from processors.marking.marker import Marker

__all__ = ["Marker"]

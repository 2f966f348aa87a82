"""What a process counts of its own work, told to the log a few times a second."""

from connectors.counting.measures import disk_free, growing, view_lag
from connectors.counting.tally import Tally
from connectors.counting.teller import COUNTS_TOPIC, Measure, Teller

__all__ = ["COUNTS_TOPIC", "Measure", "Tally", "Teller", "disk_free", "growing", "view_lag"]

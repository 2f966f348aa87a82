"""追溯: who consumed a wrong value between its appearance and its correction."""

from processors.recall.consumption import Consumption, Recall, WrongValue, consumptions
from processors.recall.scan import LogNotRead, recalled

__all__ = ["Consumption", "LogNotRead", "Recall", "WrongValue", "consumptions", "recalled"]

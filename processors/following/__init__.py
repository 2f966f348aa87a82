"""What follows from facts: processes that read the log of facts and say, or state, what else is so because of them."""

from processors.following.facts import ArrivedFact, FactBatch
from processors.following.reactions import FactDraft, NotNow, Output, Reaction, Stated, Told

__all__ = ["ArrivedFact", "FactBatch", "FactDraft", "NotNow", "Output", "Reaction", "Stated", "Told"]

"""校核: who disputes which value of whose record, until when it is looked into, and how that ended."""

from catalog.corrections.model import Correction, Disputed, Outcome
from catalog.corrections.rule import correction_of, correction_rule

__all__ = ["Correction", "Disputed", "Outcome", "correction_of", "correction_rule"]

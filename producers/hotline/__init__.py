"""Complaints of hotlines: how they enter the log."""

from producers.hotline.complaints import (
    ComplaintFault,
    ComplaintShape,
    Known,
    StatedComplaint,
    complaint_events,
    judge_complaints,
    known_codes,
)
from producers.hotline.files import ComplaintFileFault, read_complaints
from producers.hotline.http import COMPLAINTS_PATH, HOTLINE_TOPIC, ComplaintDoor, hotline_router

__all__ = [
    "COMPLAINTS_PATH",
    "HOTLINE_TOPIC",
    "ComplaintDoor",
    "ComplaintFault",
    "ComplaintFileFault",
    "ComplaintShape",
    "Known",
    "StatedComplaint",
    "complaint_events",
    "hotline_router",
    "judge_complaints",
    "known_codes",
    "read_complaints",
]

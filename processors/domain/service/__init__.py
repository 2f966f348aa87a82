"""Serving an applicant before anything is submitted: guidance, one notice, one form, the pre-check."""

from processors.domain.service.form import Form, one_form
from processors.domain.service.guidance import Guidance, applicable_items, guidance
from processors.domain.service.held import Archive, HeldRecord, archive_of_answer, archive_of_records
from processors.domain.service.notice import Notice, notice
from processors.domain.service.precheck import Application, Precheck, precheck
from processors.domain.service.reuse import FieldCounts
from processors.domain.service.services import load_services, service_of, sources_of
from processors.domain.service.terms import Service, ServiceFault

__all__ = [
    "Application",
    "Archive",
    "FieldCounts",
    "Form",
    "Guidance",
    "HeldRecord",
    "Notice",
    "Precheck",
    "Service",
    "ServiceFault",
    "applicable_items",
    "archive_of_answer",
    "archive_of_records",
    "guidance",
    "load_services",
    "notice",
    "one_form",
    "precheck",
    "service_of",
    "sources_of",
]

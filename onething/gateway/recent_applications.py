"""Applications that this gateway has just published and that no row may tell of yet."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from onething.gateway.handling_rows import StoredHandling
from processors.domain.handling import handle
from processors.domain.handling.plan import HandlingPlan
from topics.events import ApplicationSubmitted

MOST: Final = 10_000
RUNNING_S: Final = 30
"""How long an application without a row is taken for a running case: coordinators take one within a second, and one
that they refused never gets a row."""
_SECOND_US: Final = 1_000_000


class RecentApplications:
    """The newest confirmed applications as the rule begins with them; the oldest are forgotten."""

    def __init__(self, plans: Mapping[str, HandlingPlan], most: int = MOST) -> None:
        self._plans = plans
        self._most = most
        self._submitted: OrderedDict[str, ApplicationSubmitted] = OrderedDict()

    def add(self, application: ApplicationSubmitted) -> None:
        """Remember an application that the log has confirmed."""
        self._submitted[application.case_id] = application
        if len(self._submitted) > self._most:
            self._submitted.popitem(last=False)

    def stored(self, case_id: str) -> StoredHandling | None:
        """The case as it was applied for, None when it is not remembered."""
        application = self._submitted.get(case_id)
        if application is None:
            return None
        begun = handle(None, application, self._plans[application.bundle]).handling
        return None if begun is None else StoredHandling(begun, is_taken=False)

    def running(self, bundle: str, subject: str, now_us: int) -> str | None:
        """The id of an application of this bundle for this subject that was submitted a moment ago, None for none."""
        since = now_us - RUNNING_S * _SECOND_US
        for application in reversed(self._submitted.values()):
            if application.submitted_at < since:
                return None
            if (application.bundle, application.subject) == (bundle, subject):
                return application.case_id
        return None

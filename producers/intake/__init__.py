"""The HTTP door for systems without a Kafka client."""

from producers.intake.desk import Intake
from producers.intake.router import intake_router

__all__ = ["Intake", "intake_router"]

"""The demonstration: a made-up city publishes, archives are kept, one bundle is answered, and all is reckoned up."""

from onething.demonstration.run import Wishes, demonstrate
from onething.demonstration.telling import StepFailed

__all__ = ["StepFailed", "Wishes", "demonstrate"]

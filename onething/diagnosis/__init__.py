"""What `onething doctor` looks at: the machine, then the hub that runs on it."""

from onething.diagnosis.finding import Finding, Verdict
from onething.diagnosis.hub import hub_findings
from onething.diagnosis.machine import machine_findings

__all__ = ["Finding", "Verdict", "hub_findings", "machine_findings"]

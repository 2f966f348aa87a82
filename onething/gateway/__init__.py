"""The hub's HTTP door: intake, verifications, departments' tasks, archives, health."""

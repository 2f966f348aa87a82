"""High-frequency services (高频服务): what many people ask for, drawn up as a list by a rule that is data."""

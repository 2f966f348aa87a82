"""The console: pages for bundle services, departments and the bureau, which speak to the gateway over HTTP only."""

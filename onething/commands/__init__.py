"""What people type. Each module offers ``app``, a Typer app, and imports what it needs when it runs."""

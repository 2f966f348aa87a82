"""Alembic's migrations of the register's store; each takes it one step on, on SQLite and PostgreSQL."""

from tests.postgresql_server import database, postgresql

__all__ = ["database", "postgresql"]

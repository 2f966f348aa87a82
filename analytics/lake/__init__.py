"""The lake: every event of the log as rows of Parquet tables, written once, read by DuckDB and by anything else."""

"""Make the tables of a dataset: columns, rows, Parquet files, digests and row versions."""

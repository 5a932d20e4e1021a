"""Write a release: parquet, JSON and other users' formats, a data card, checksums, licences."""

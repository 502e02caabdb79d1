"""Reads files of papers and stores them in an index. Start with ``ingest.pipeline``."""

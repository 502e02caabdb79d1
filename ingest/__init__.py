"""Files to index: read, split into chunks, embed, store. Start with ``ingest.pipeline``."""

"""One module per file format; ``ingest.readers.detection`` lists them."""

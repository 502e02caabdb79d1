"""The bundled corpus; see README.md."""

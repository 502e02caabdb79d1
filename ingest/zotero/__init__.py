"""Brings an index up to date with a running Zotero, over the HTTP server that Zotero opens to its own machine."""

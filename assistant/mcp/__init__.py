"""Footnote as a server of the Model Context Protocol (MCP), through which language models use it as tools."""

"""Footnote for other programs, over HTTP: its own API, and one that clients of OpenAI's understand."""

"""Turns markup in titles and abstracts (HTML, JATS, MathML, TeX) into plain text. Start with ``plain_text``."""

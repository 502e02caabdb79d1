"""Numbers in a text: values, units, limits and what they count. ``extraction.quantities_in`` is the entry point."""

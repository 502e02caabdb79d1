"""How good is it? Question set, metrics and runs. See README.md in this folder."""

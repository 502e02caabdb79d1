"""The stages between a question and a checked answer; ``assistant/pipeline.py`` calls them in order."""

"""The page. Gradio is named only in this package; it draws what the pipeline gives and decides nothing."""

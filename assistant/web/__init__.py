"""The page. Only this package imports Gradio; it shows answers and makes no decisions about them."""

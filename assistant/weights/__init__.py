"""Trained weights, written by ``python -m evals.train_reader``; see README.md."""

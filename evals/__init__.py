"""Evaluation: question sets, metrics, runs, reports, training and benchmarks. See README.md in this folder."""
